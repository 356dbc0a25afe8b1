# Build dist\Spineviewer-VERSION-setup.exe with Inno Setup 6. Run on Windows, in PowerShell:
#     .\packaging\windows.ps1 [-WithTorch]
# With -WithTorch it also computes on NVIDIA GPUs; install the CUDA build of PyTorch into .venv first.
param([switch]$WithTorch)
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..")
$python = if ($env:PYTHON) { $env:PYTHON } else { ".venv\Scripts\python.exe" }
$options = @(); $name = "Spineviewer"
if ($WithTorch) { $options += "--with-torch"; $name = "Spineviewer-torch" }

& $python packaging\installer.py @options
if ($LASTEXITCODE) { exit $LASTEXITCODE }
$version = & $python -c "import spineviewer; print(spineviewer.__version__)"
$compiler = Get-Command iscc -ErrorAction SilentlyContinue
$compiler = if ($compiler) { $compiler.Source } else { "${env:ProgramFiles(x86)}\Inno Setup 6\ISCC.exe" }
if (-not (Test-Path $compiler)) { throw "Inno Setup 6 is missing. Install it, then run this script again." }
& $compiler /Q "/DVersion=$version" "/DName=$name" packaging\spineviewer.iss
exit $LASTEXITCODE
