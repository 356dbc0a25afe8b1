; Inno Setup's recipe for Windows; compiled by windows.ps1.
[Setup]
AppId={{6B1E4C0E-5A70-4C3D-9C6E-5E1A7A0F5D21}
AppName=Spineviewer
AppVersion={#Version}
AppPublisher=The Spineviewer developers
DefaultDirName={autopf}\Spineviewer
DefaultGroupName=Spineviewer
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
Compression=lzma2
SolidCompression=yes
LicenseFile=..\LICENSE
OutputDir=..\dist
OutputBaseFilename={#Name}-{#Version}-setup
UninstallDisplayIcon={app}\spineviewer-window.exe

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"
Name: "german"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[Files]
Source: "..\dist\spineviewer\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\Spineviewer"; Filename: "{app}\spineviewer-window.exe"
Name: "{autodesktop}\Spineviewer"; Filename: "{app}\spineviewer-window.exe"; Tasks: desktopicon

[Run]
; Compiles the inner loops for this processor, so that every user starts at full speed.
Filename: "{app}\spineviewer.exe"; Parameters: "prepare"; Flags: runhidden; StatusMsg: "Preparing Spineviewer..."
Filename: "{app}\spineviewer-window.exe"; Description: "{cm:LaunchProgram,Spineviewer}"; Flags: nowait postinstall skipifsilent

[UninstallDelete]
; What was compiled after the installation.
Type: filesandordirs; Name: "{app}\_internal\spineviewer"
