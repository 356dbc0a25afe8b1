<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en_GB">
<context>
    <name></name>
    <message>
        <source> day</source>
        <translation> Tag</translation>
    </message>
    <message>
        <source> days</source>
        <translation> Tagen</translation>
    </message>
    <message numerus="yes">
        <source>%n anonymised file(s) in {folder}.</source>
        <translation>
            <numerusform>%n anonymisierte Datei in {folder}.</numerusform>
            <numerusform>%n anonymisierte Dateien in {folder}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n damaged file(s) (was|were) left out.</source>
        <translation>
            <numerusform>%n beschädigte Datei wurde ausgelassen.</numerusform>
            <numerusform>%n beschädigte Dateien wurden ausgelassen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n document(s) (was|were) left out, because (its|their) content cannot be checked.</source>
        <translation>
            <numerusform>%n Dokument wurde ausgelassen, weil sein Inhalt nicht geprüft werden kann.</numerusform>
            <numerusform>%n Dokumente wurden ausgelassen, weil ihr Inhalt nicht geprüft werden kann.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n duplicate slice(s) (was|were) left out.</source>
        <translation>
            <numerusform>%n doppelt vorhandene Schicht wurde weggelassen.</numerusform>
            <numerusform>%n doppelt vorhandene Schichten wurden weggelassen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) (is|are) not DICOM and (was|were) left out.</source>
        <translation>
            <numerusform>%n Datei ist kein DICOM und wurde ausgelassen.</numerusform>
            <numerusform>%n Dateien sind kein DICOM und wurden ausgelassen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) could not be read.</source>
        <translation>
            <numerusform>%n Datei konnte nicht gelesen werden.</numerusform>
            <numerusform>%n Dateien konnten nicht gelesen werden.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) may contain burned-in text, such as the patient&apos;s name. Check (it|them) before you share (it|them).</source>
        <translation>
            <numerusform>%n Bild enthält möglicherweise eingebrannten Text, etwa den Patientennamen. Prüfen Sie es vor der Weitergabe.</numerusform>
            <numerusform>%n Bilder enthalten möglicherweise eingebrannten Text, etwa den Patientennamen. Prüfen Sie sie vor der Weitergabe.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n measurement(s)</source>
        <translation>
            <numerusform>%n Messung</numerusform>
            <numerusform>%n Messungen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n weitere</numerusform>
            <numerusform>%n weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n no longer uncertain</source>
        <translation>
            <numerusform>%n nicht mehr unsicher</numerusform>
            <numerusform>%n nicht mehr unsicher</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n piece(s) ({volume_ml:.1f} ml) far from the spine (was|were) left out.</source>
        <translation>
            <numerusform>%n Stück abseits der Wirbelsäule ({volume_ml:.1f} ml) wurde weggelassen.</numerusform>
            <numerusform>%n Stücke abseits der Wirbelsäule ({volume_ml:.1f} ml) wurden weggelassen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n prior CT stud(y|ies)…</source>
        <translation>
            <numerusform>%n Voruntersuchung (CT)…</numerusform>
            <numerusform>%n Voruntersuchungen (CT)…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n retrieval(s) from the archive will be cancelled.</source>
        <translation>
            <numerusform>%n Abruf aus dem Archiv wird abgebrochen.</numerusform>
            <numerusform>%n Abrufe aus dem Archiv werden abgebrochen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sample(s) per pixel</source>
        <translation>
            <numerusform>%n Abtastwert pro Pixel</numerusform>
            <numerusform>%n Abtastwerte pro Pixel</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n scan(s) in {folder}</source>
        <translation>
            <numerusform>%n Scan in {folder}</numerusform>
            <numerusform>%n Scans in {folder}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n secondary capture(s) (was|were) left out, because such images often show the patient&apos;s name.</source>
        <translation>
            <numerusform>%n Bildschirmaufnahme (Secondary Capture) wurde ausgelassen: Solche Bilder zeigen oft den Patientennamen.</numerusform>
            <numerusform>%n Bildschirmaufnahmen (Secondary Capture) wurden ausgelassen: Solche Bilder zeigen oft den Patientennamen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n stud(y|ies) could not be deleted because (its|their) scans are open. Close them first.</source>
        <translation>
            <numerusform>%n Untersuchung konnte nicht gelöscht werden, weil Scans daraus geöffnet sind. Schließen Sie diese zuerst.</numerusform>
            <numerusform>%n Untersuchungen konnten nicht gelöscht werden, weil Scans daraus geöffnet sind. Schließen Sie diese zuerst.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n stud(y|ies) found</source>
        <translation>
            <numerusform>%n Untersuchung gefunden</numerusform>
            <numerusform>%n Untersuchungen gefunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n stud(y|ies), {size_gb:.1f} GB</source>
        <translation>
            <numerusform>%n Untersuchung, {size_gb:.1f} GB</numerusform>
            <numerusform>%n Untersuchungen, {size_gb:.1f} GB</numerusform>
        </translation>
    </message>
    <message>
        <source>&apos;{name}&apos; is not a valid archive name. Use letters, digits, spaces and . ( ) + - _ (64 characters at most).</source>
        <translation>„{name}“ ist kein gültiger Archivname. Verwenden Sie Buchstaben, Ziffern, Leerzeichen und . ( ) + - _ (höchstens 64 Zeichen).</translation>
    </message>
    <message>
        <source>&apos;{text}&apos; is not a date. Use the format 2024-03-01 or 2024-03-01..2024-03-31.</source>
        <translation>„{text}“ ist kein Datum. Verwenden Sie das Format 2024-03-01 oder 2024-03-01..2024-03-31.</translation>
    </message>
    <message>
        <source>&apos;{text}&apos; is not a valid UID. Use digits and dots, 64 characters at most.</source>
        <translation>„{text}“ ist keine gültige UID. Verwenden Sie Ziffern und Punkte, höchstens 64 Zeichen.</translation>
    </message>
    <message>
        <source>&apos;{text}&apos; is not a valid date. Correct the day or the month.</source>
        <translation>„{text}“ ist kein gültiges Datum. Berichtigen Sie Tag oder Monat.</translation>
    </message>
    <message>
        <source>&apos;{title}&apos; is not a valid AE title. Use 1 to 16 ASCII characters without a backslash.</source>
        <translation>„{title}“ ist kein gültiger AE-Titel. Verwenden Sie 1 bis 16 ASCII-Zeichen ohne umgekehrten Schrägstrich.</translation>
    </message>
    <message>
        <source>, encoded as {syntax}</source>
        <translation>, kodiert als {syntax}</translation>
    </message>
    <message>
        <source>1 in the spine, 0 elsewhere</source>
        <translation>1 in der Wirbelsäule, sonst 0</translation>
    </message>
    <message>
        <source>90% sensitivity for osteoporosis at or below this value</source>
        <translation>bis zu diesem Wert Sensitivität von 90 % für Osteoporose</translation>
    </message>
    <message>
        <source>90% specificity for osteoporosis at or below this value</source>
        <translation>bis zu diesem Wert Spezifität von 90 % für Osteoporose</translation>
    </message>
    <message>
        <source>: this processor does not support {precision} natively</source>
        <translation>: dieser Prozessor unterstützt {precision} nicht nativ</translation>
    </message>
    <message>
        <source>A DICOM SEG can only be written for DICOM slices. This scan came from another format or a zip file, or was resampled. Export NIfTI instead.</source>
        <translation>Ein DICOM SEG kann nur für DICOM-Schichten geschrieben werden. Dieser Scan stammt aus einem anderen Format oder einer ZIP-Datei, oder er wurde neu abgetastet (Resampling). Exportieren Sie stattdessen NIfTI.</translation>
    </message>
    <message>
        <source>A DICOM SEG can refer to only one multi-frame file, but this scan consists of several. Export NIfTI instead.</source>
        <translation>Ein DICOM SEG kann sich nur auf eine einzige Multiframe-Datei beziehen; dieser Scan besteht aus mehreren. Exportieren Sie stattdessen NIfTI.</translation>
    </message>
    <message>
        <source>A DICOM SEG cannot be created from these slices: {reason}. Export NIfTI instead.</source>
        <translation>Aus diesen Schichten lässt sich kein DICOM SEG erstellen: {reason}. Exportieren Sie stattdessen NIfTI.</translation>
    </message>
    <message>
        <source>A DICOM SEG has one Frame of Reference, but the DICOM slices have {count} different ones. Export NIfTI instead.</source>
        <translation>Ein DICOM SEG hat ein einziges Bezugssystem (Frame of Reference), die DICOM-Schichten haben aber {count} verschiedene. Exportieren Sie stattdessen NIfTI.</translation>
    </message>
    <message>
        <source>A DICOM SEG needs attributes that the DICOM slices lack: {missing}. Export NIfTI instead.</source>
        <translation>Ein DICOM SEG braucht Attribute, die den DICOM-Schichten fehlen: {missing}. Exportieren Sie stattdessen NIfTI.</translation>
    </message>
    <message>
        <source>A DICOM document cannot be created from these slices: {reason}. Save the report as PDF instead.</source>
        <translation>Aus diesen Schichten lässt sich kein DICOM-Dokument erstellen: {reason}. Speichern Sie den Bericht stattdessen als PDF.</translation>
    </message>
    <message>
        <source>A DICOM document must be part of a DICOM study. This scan came from another format or a zip file, or was resampled. Save the report as PDF instead.</source>
        <translation>Ein DICOM-Dokument muss zu einer DICOM-Untersuchung gehören. Dieser Scan stammt aus einem anderen Format oder einer ZIP-Datei, oder er wurde neu abgetastet (Resampling). Speichern Sie den Bericht stattdessen als PDF.</translation>
    </message>
    <message>
        <source>A DICOM parametric map cannot be created from these slices: {reason}. Export NIfTI instead.</source>
        <translation>Aus diesen Schichten lässt sich keine DICOM Parametric Map erstellen: {reason}. Exportieren Sie stattdessen NIfTI.</translation>
    </message>
    <message>
        <source>A DICOM structure set cannot be created from these slices: {reason}. Export NIfTI instead.</source>
        <translation>Aus diesen Schichten lässt sich kein DICOM RTSTRUCT erstellen: {reason}. Exportieren Sie stattdessen NIfTI.</translation>
    </message>
    <message>
        <source>A DICOM structured report (TID 1500)</source>
        <translation>Ein strukturierter DICOM-Bericht (TID 1500)</translation>
    </message>
    <message>
        <source>A batch uses the default values (attention threshold {attention_threshold:.2f}, sigma {sigma_mm:.1f} mm, segmentation threshold {segmentation_threshold:.2f}), not those in the panel.</source>
        <translation>Ein Stapel verwendet die Standardwerte (Aufmerksamkeitsschwelle {attention_threshold:.2f}, Sigma {sigma_mm:.1f} mm, Segmentierungsschwelle {segmentation_threshold:.2f}), nicht die Werte im Bedienfeld.</translation>
    </message>
    <message>
        <source>A connection is closed after this many seconds without traffic</source>
        <translation>Nach so vielen Sekunden ohne Daten wird eine Verbindung geschlossen</translation>
    </message>
    <message>
        <source>A folder of DICOM slices (Ctrl+Shift+O)</source>
        <translation>Ein Ordner mit DICOM-Schichten (Strg+Umschalt+O)</translation>
    </message>
    <message>
        <source>A point in the arch: {point} mm</source>
        <translation>Ein Punkt im Wirbelbogen: {point} mm</translation>
    </message>
    <message>
        <source>A reference or an earlier export on the same voxel grid</source>
        <translation>Eine Referenz oder ein früherer Export auf demselben Voxelgitter</translation>
    </message>
    <message>
        <source>A report image has the wrong shape. Use an RGB image (rows, columns, 3).</source>
        <translation>Ein Berichtsbild hat die falsche Form. Verwenden Sie ein RGB-Bild (Zeilen, Spalten, 3).</translation>
    </message>
    <message>
        <source>A slice may be missing. {first}</source>
        <translation>Möglicherweise fehlt eine Schicht. {first}</translation>
    </message>
    <message>
        <source>A structured report can only be written for DICOM slices. This scan came from another format or a zip file, or was resampled. Save a table instead.</source>
        <translation>Ein strukturierter Bericht kann nur für DICOM-Schichten geschrieben werden. Dieser Scan stammt aus einem anderen Format oder einer ZIP-Datei, oder er wurde neu abgetastet (Resampling). Speichern Sie stattdessen eine Tabelle.</translation>
    </message>
    <message>
        <source>A structured report cannot be created from these slices: {reason}. Save the table instead.</source>
        <translation>Aus diesen Schichten lässt sich kein strukturierter Bericht erstellen: {reason}. Speichern Sie stattdessen die Tabelle.</translation>
    </message>
    <message>
        <source>A study is considered complete when nothing more has arrived for this many seconds</source>
        <translation>Eine Untersuchung gilt als vollständig, wenn so viele Sekunden lang nichts mehr angekommen ist</translation>
    </message>
    <message numerus="yes">
        <source>A study with %n image(s) was received.</source>
        <translation>
            <numerusform>Eine Untersuchung mit %n Bild wurde empfangen.</numerusform>
            <numerusform>Eine Untersuchung mit %n Bildern wurde empfangen.</numerusform>
        </translation>
    </message>
    <message>
        <source>A synthetic scan that comes with the program</source>
        <translation>Ein synthetischer Scan, der zum Programm gehört</translation>
    </message>
    <message>
        <source>A triangle marks values to check; an asterisk marks values changed by hand.</source>
        <translation>Ein Dreieck markiert zu prüfende Werte, ein Stern von Hand geänderte.</translation>
    </message>
    <message>
        <source>A vertebra was split where the mask shows no gap, or vertebrae were merged across a gap, so the vertebrae may be counted wrongly. If you know the level of one vertebra, set its name.</source>
        <translation>Ein Wirbel wurde geteilt, wo die Maske keine Lücke zeigt, oder Wirbel wurden über eine Lücke hinweg verbunden; die Wirbel können deshalb falsch gezählt sein. Wenn Sie einen der Wirbel sicher kennen, legen Sie seinen Namen fest.</translation>
    </message>
    <message>
        <source>AP</source>
        <translation>AP</translation>
    </message>
    <message>
        <source>About Spineviewer</source>
        <translation>Über Spineviewer</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>Angenommen</translation>
    </message>
    <message>
        <source>Accepted, but storage was not confirmed: {reason}</source>
        <translation>Angenommen, aber die Speicherung wurde nicht bestätigt: {reason}</translation>
    </message>
    <message>
        <source>Accepted, storage confirmed</source>
        <translation>Angenommen, Speicherung bestätigt</translation>
    </message>
    <message>
        <source>Accession number</source>
        <translation>Auftragsnummer</translation>
    </message>
    <message>
        <source>According to its header, {file} has {rows} x {columns} pixels, so it is not a CT slice. Choose another series.</source>
        <translation>{file} hat laut Header {rows} x {columns} Pixel und ist damit keine CT-Schicht. Wählen Sie eine andere Serie.</translation>
    </message>
    <message>
        <source>According to its header, {file} has {text}, more than any CT scan. Choose another file.</source>
        <translation>{file} hat laut Header {text}, mehr als jedes CT. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>According to the file, its unit of length is {unit} mm. Voxels would then be {size} mm in size, which is impossible in a CT scan. The numbers were read as millimetres. To check, measure a structure of known size.</source>
        <translation>Laut Datei ist die Längeneinheit {unit} mm. Die Voxel wären dann {size} mm groß, was es bei keinem CT gibt. Die Zahlen wurden als Millimeter interpretiert. Messen Sie zur Kontrolle eine Struktur bekannter Größe.</translation>
    </message>
    <message>
        <source>According to the file, its values are &apos;{rescale_type}&apos;, not Hounsfield units.</source>
        <translation>Laut Datei sind ihre Werte „{rescale_type}“, keine Hounsfield-Einheiten.</translation>
    </message>
    <message>
        <source>According to the file, low values should be displayed as bright (MONOCHROME1). The scan is shown like any other CT.</source>
        <translation>Laut Datei sollen niedrige Werte hell dargestellt werden (MONOCHROME1). Der Scan wird wie jedes andere CT dargestellt.</translation>
    </message>
    <message>
        <source>According to the files, the two scans are of different patients</source>
        <translation>Laut den Dateien sind die beiden Scans von verschiedenen Patienten</translation>
    </message>
    <message>
        <source>According to the header, voxels are {size} mm and the scan is {extent} mm in size, which is unusual for a CT scan. The spacing or the unit may be wrong. To check, measure a structure of known size.</source>
        <translation>Laut Header sind die Voxel {size} mm und der Scan {extent} mm groß, was für ein CT ungewöhnlich ist. Abstand oder Einheit sind vielleicht falsch. Messen Sie zur Kontrolle eine Struktur bekannter Größe.</translation>
    </message>
    <message>
        <source>According to {file}, there should be {declared} bytes of voxel data, but {other} contains only {there}. The image is damaged or truncated. Copy it again from the source.</source>
        <translation>Laut {file} müssten es {declared} Byte Voxeldaten sein, aber {other} enthält nur {there}. Das Bild ist beschädigt oder unvollständig. Kopieren Sie es erneut von der Quelle.</translation>
    </message>
    <message>
        <source>According to {file}, there should be {declared} voxel values, but {other} contains only {there}. The image is damaged or truncated. Copy it again from the source.</source>
        <translation>Laut {file} müssten es {declared} Voxelwerte sein, aber {other} enthält nur {there}. Das Bild ist beschädigt oder unvollständig. Kopieren Sie es erneut von der Quelle.</translation>
    </message>
    <message>
        <source>According to {file}, there should be {size} bytes of voxel data, but {other} contains more, so it is unclear where the voxels start. Copy the image again from the source.</source>
        <translation>Laut {file} müssten es {size} Byte Voxeldaten sein, aber {other} enthält mehr; es ist unklar, wo die Voxel beginnen. Kopieren Sie das Bild erneut von der Quelle.</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Add an archive…</source>
        <translation>Archiv hinzufügen…</translation>
    </message>
    <message>
        <source>Add every scan in a folder</source>
        <translation>Alle Scans eines Ordners hinzufügen</translation>
    </message>
    <message>
        <source>Add every scan in a folder; a folder of DICOM slices counts as one scan</source>
        <translation>Alle Scans eines Ordners hinzufügen; ein Ordner mit DICOM-Schichten zählt als ein Scan</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>Add key image to report</source>
        <translation>Schlüsselbild in den Bericht übernehmen</translation>
    </message>
    <message>
        <source>Add scans</source>
        <translation>Scans hinzufügen</translation>
    </message>
    <message>
        <source>Add scans…</source>
        <translation>Scans hinzufügen…</translation>
    </message>
    <message>
        <source>Add the image in the active view, with its measurements, to the report</source>
        <translation>Das Bild der aktiven Ansicht samt Messungen in den Bericht übernehmen</translation>
    </message>
    <message>
        <source>Add to the mask by hand</source>
        <translation>Von Hand zur Maske hinzufügen</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Adjust the mask</source>
        <translation>Maske anpassen</translation>
    </message>
    <message>
        <source>Agreement with a second mask</source>
        <translation>Übereinstimmung mit einer zweiten Maske</translation>
    </message>
    <message>
        <source>Align planes with this vertebra</source>
        <translation>Ebenen an diesem Wirbel ausrichten</translation>
    </message>
    <message>
        <source>Align planes with {vertebra}</source>
        <translation>Ebenen an {vertebra} ausrichten</translation>
    </message>
    <message>
        <source>Align the planes with its endplates</source>
        <translation>Die Ebenen an seiner Deck- und Grundplatte ausrichten</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>All measurements as CSV</source>
        <translation>Alle Messungen als CSV</translation>
    </message>
    <message>
        <source>All measurements as a DICOM structured report (TID 1500)</source>
        <translation>Alle Messungen als strukturierter DICOM-Bericht (TID 1500)</translation>
    </message>
    <message>
        <source>All networks</source>
        <translation>Alle Netzwerke</translation>
    </message>
    <message>
        <source>All notices</source>
        <translation>Alle Meldungen</translation>
    </message>
    <message>
        <source>All scans in this folder and its subfolders</source>
        <translation>Alle Scans in diesem Ordner und seinen Unterordnern</translation>
    </message>
    <message>
        <source>All seen, {when}</source>
        <translation>Alle gesehen, {when}</translation>
    </message>
    <message>
        <source>All seen; last ticked by {name}, {when}</source>
        <translation>Alle gesehen; zuletzt abgehakt von {name}, {when}</translation>
    </message>
    <message>
        <source>All slices</source>
        <translation>Alle Schichten</translation>
    </message>
    <message>
        <source>All voxels have the same value ({low:.4g}).</source>
        <translation>Alle Voxel haben denselben Wert ({low:.4g}).</translation>
    </message>
    <message>
        <source>All work has finished.</source>
        <translation>Alle Arbeiten sind abgeschlossen.</translation>
    </message>
    <message>
        <source>All {count} slices are at the same position, so they do not form a volume. Choose another series.</source>
        <translation>Alle {count} Schichten liegen an derselben Stelle und ergeben kein Volumen. Wählen Sie eine andere Serie.</translation>
    </message>
    <message>
        <source>Allowed AE titles</source>
        <translation>Erlaubte AE-Titel</translation>
    </message>
    <message>
        <source>Allowed addresses</source>
        <translation>Erlaubte Adressen</translation>
    </message>
    <message>
        <source>Along one axis, the ROI would be only {size_mm:.1f} mm long, with voxels of {voxel_mm:.1f} mm. HU values would depend on its exact position, so they were not measured.</source>
        <translation>Entlang einer Achse wäre die ROI nur {size_mm:.1f} mm lang, bei Voxeln von {voxel_mm:.1f} mm. Die HU-Werte hingen von ihrer genauen Lage ab und wurden daher nicht gemessen.</translation>
    </message>
    <message>
        <source>Along the spine</source>
        <translation>Entlang der Wirbelsäule</translation>
    </message>
    <message>
        <source>Already in this folder: {files}. Tick &apos;Replace existing files&apos; or change the name.</source>
        <translation>Schon in diesem Ordner: {files}. Kreuzen Sie „Vorhandene Dateien ersetzen“ an, oder ändern Sie den Namen.</translation>
    </message>
    <message>
        <source>An encrypted connection to {place} could not be established. The archive may not use TLS, or it may require a certificate. Check the archive settings.</source>
        <translation>Zu {place} ließ sich keine verschlüsselte Verbindung herstellen. Vielleicht benutzt das Archiv kein TLS oder verlangt ein Zertifikat. Prüfen Sie die Archiv-Einstellungen.</translation>
    </message>
    <message>
        <source>An encrypted receiver needs its own certificate. Choose your certificate file.</source>
        <translation>Ein verschlüsselter Empfänger braucht ein eigenes Zertifikat. Wählen Sie Ihre Zertifikatsdatei.</translation>
    </message>
    <message>
        <source>An object from the archive needs more memory than is available. Close other programs and try again.</source>
        <translation>Ein Objekt aus dem Archiv braucht mehr Arbeitsspeicher, als frei ist. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>Winkel</translation>
    </message>
    <message>
        <source>Anomalies</source>
        <translation>Anomalien</translation>
    </message>
    <message>
        <source>Anonymise</source>
        <translation>Anonymisieren</translation>
    </message>
    <message>
        <source>Anonymise…</source>
        <translation>Anonymisieren…</translation>
    </message>
    <message>
        <source>Anonymising</source>
        <translation>Anonymisieren</translation>
    </message>
    <message>
        <source>Another Spineviewer window is already retrieving this study. Wait until it has finished.</source>
        <translation>Ein anderes Spineviewer-Fenster ruft diese Untersuchung bereits ab. Warten Sie, bis der Abruf beendet ist.</translation>
    </message>
    <message>
        <source>Another archive already has this name. Choose another name.</source>
        <translation>Ein anderes Archiv hat bereits diesen Namen. Wählen Sie einen anderen.</translation>
    </message>
    <message>
        <source>Another retrieval did not finish in time. Try again.</source>
        <translation>Ein anderer Abruf wurde nicht rechtzeitig fertig. Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Ant.</source>
        <translation>vorn</translation>
    </message>
    <message>
        <source>Anterior height of the vertebral body</source>
        <translation>Vordere Höhe des Wirbelkörpers</translation>
    </message>
    <message>
        <source>Anteroposterior diameter of the spinal canal</source>
        <translation>Sagittaler Durchmesser des Spinalkanals</translation>
    </message>
    <message>
        <source>Anteroposterior diameter of the vertebral body</source>
        <translation>Sagittaler Durchmesser des Wirbelkörpers</translation>
    </message>
    <message>
        <source>Any</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Any date</source>
        <translation>Beliebiges Datum</translation>
    </message>
    <message>
        <source>Any; separate multiple entries with commas</source>
        <translation>Alle; mehrere Einträge durch Kommas trennen</translation>
    </message>
    <message>
        <source>Anyone on the network can send studies. Specify who may send.</source>
        <translation>Jeder im Netzwerk kann Untersuchungen senden. Legen Sie fest, wer senden darf.</translation>
    </message>
    <message>
        <source>Apex</source>
        <translation>Scheitel</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Archiv</translation>
    </message>
    <message>
        <source>Archive settings</source>
        <translation>Archiv-Einstellungen</translation>
    </message>
    <message>
        <source>Archive settings…</source>
        <translation>Archiv-Einstellungen…</translation>
    </message>
    <message>
        <source>Archive&apos;s AE title</source>
        <translation>AE-Titel des Archivs</translation>
    </message>
    <message>
        <source>Archives</source>
        <translation>Archive</translation>
    </message>
    <message>
        <source>Archives require an optional component of Spineviewer. Install it with: pip install &apos;spineviewer[pacs]&apos;</source>
        <translation>Für Archive ist ein Zusatzpaket von Spineviewer nötig. Installieren Sie es mit: pip install &apos;spineviewer[pacs]&apos;</translation>
    </message>
    <message>
        <source>Archives, the receiver, and the studies on this computer</source>
        <translation>Archive, Empfänger und die Untersuchungen auf diesem Computer</translation>
    </message>
    <message>
        <source>Archives…</source>
        <translation>Archive…</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>Fläche</translation>
    </message>
    <message>
        <source>As a table (CSV)</source>
        <translation>Als Tabelle (CSV)</translation>
    </message>
    <message>
        <source>As of {when}</source>
        <translation>Stand: {when}</translation>
    </message>
    <message>
        <source>As set in the system, or larger on high-resolution screens that the system does not scale; takes effect after a restart</source>
        <translation>Wie im System eingestellt; größer auf hochauflösenden Bildschirmen, die das System nicht skaliert. Gilt nach einem Neustart</translation>
    </message>
    <message>
        <source>Ask the archive to confirm storage</source>
        <translation>Speicherung vom Archiv bestätigen lassen</translation>
    </message>
    <message numerus="yes">
        <source>At %n position(s), there is more than one slice.</source>
        <translation>
            <numerusform>An %n Position gibt es mehr als eine Schicht.</numerusform>
            <numerusform>An %n Positionen gibt es mehr als eine Schicht.</numerusform>
        </translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Attention map</source>
        <translation>Aufmerksamkeitskarte</translation>
    </message>
    <message>
        <source>Attention projection</source>
        <translation>Aufmerksamkeit über alle Schichten</translation>
    </message>
    <message>
        <source>Attention threshold</source>
        <translation>Aufmerksamkeitsschwelle</translation>
    </message>
    <message>
        <source>Attention threshold {attention_threshold:.2f}, sigma {sigma_mm:.1f} mm, segmentation threshold {segmentation_threshold:.2f}: the values in the panel. They are recorded in the files.</source>
        <translation>Aufmerksamkeitsschwelle {attention_threshold:.2f}, Sigma {sigma_mm:.1f} mm, Segmentierungsschwelle {segmentation_threshold:.2f}: die Werte aus dem Bedienfeld. Sie werden in den Dateien vermerkt.</translation>
    </message>
    <message>
        <source>Attention threshold {attention}, smoothing {sigma}, segmentation threshold {segmentation}. Click to set them by hand.</source>
        <translation>Aufmerksamkeitsschwelle {attention}, Glättung {sigma}, Segmentierungsschwelle {segmentation}. Zum Einstellen anklicken.</translation>
    </message>
    <message>
        <source>Automatic interface size</source>
        <translation>Größe der Bedienoberfläche automatisch</translation>
    </message>
    <message>
        <source>Automatic value</source>
        <translation>Automatischer Wert</translation>
    </message>
    <message>
        <source>Axial</source>
        <translation>Axial</translation>
    </message>
    <message>
        <source>Axial plane parallel to the disc</source>
        <translation>Axiale Ebene parallel zur Bandscheibe</translation>
    </message>
    <message>
        <source>Back ten slices</source>
        <translation>Zehn Schichten zurück</translation>
    </message>
    <message>
        <source>Back to the scan</source>
        <translation>Zurück zum Scan</translation>
    </message>
    <message>
        <source>Back to the start page</source>
        <translation>Zurück zur Startseite</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>Backend</translation>
    </message>
    <message>
        <source>Backspace</source>
        <translation>Rücktaste</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Stapelverarbeitung</translation>
    </message>
    <message>
        <source>Batch progress</source>
        <translation>Fortschritt der Stapelverarbeitung</translation>
    </message>
    <message>
        <source>Batch stopped: {done} done. Start it again to resume.</source>
        <translation>Stapelverarbeitung abgebrochen: {done} fertig. Starten Sie sie erneut, um fortzufahren.</translation>
    </message>
    <message>
        <source>Batch: {done_count} of {count} scans</source>
        <translation>Stapel: {done_count} von {count} Scans</translation>
    </message>
    <message numerus="yes">
        <source>Batch: {done} of %n scan(s) processed; no spine was found in {empty}. Masks are in {folder}</source>
        <translation>
            <numerusform>Stapelverarbeitung: {done} von %n Scan bearbeitet; keine Wirbelsäule gefunden in {empty}. Masken in {folder}</numerusform>
            <numerusform>Stapelverarbeitung: {done} von %n Scans bearbeitet; keine Wirbelsäule gefunden in {empty}. Masken in {folder}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Batch: {done} of %n scan(s) segmented; masks are in {folder}</source>
        <translation>
            <numerusform>Stapelverarbeitung: {done} von %n Scan segmentiert; Masken in {folder}</numerusform>
            <numerusform>Stapelverarbeitung: {done} von %n Scans segmentiert; Masken in {folder}</numerusform>
        </translation>
    </message>
    <message>
        <source>Bearer token</source>
        <translation>Bearer-Token</translation>
    </message>
    <message>
        <source>Because the mask has changed, the vertebrae that were named {old_first} to {old_last} are now named {first} to {last}. Check the names.</source>
        <translation>Weil sich die Maske geändert hat, heißen die Wirbel {old_first} bis {old_last} jetzt {first} bis {last}. Prüfen Sie die Namen.</translation>
    </message>
    <message>
        <source>Because the number of vertebrae changed, {old_first} to {old_last} are now named {new_first} to {new_last}.</source>
        <translation>Weil sich die Zahl der Wirbel geändert hat, heißen {old_first} bis {old_last} jetzt {new_first} bis {new_last}.</translation>
    </message>
    <message>
        <source>Because the number of vertebrae changed, {old} is now named {new}.</source>
        <translation>Weil sich die Zahl der Wirbel geändert hat, heißt {old} jetzt {new}.</translation>
    </message>
    <message>
        <source>Beginning of the name; * matches anything</source>
        <translation>Anfang des Namens; * als Platzhalter</translation>
    </message>
    <message>
        <source>Biconc.</source>
        <translation>Bikonk.</translation>
    </message>
    <message>
        <source>Body vol.</source>
        <translation>WK-Vol.</translation>
    </message>
    <message>
        <source>Bone</source>
        <translation>Knochen</translation>
    </message>
    <message>
        <source>Bone (wide)</source>
        <translation>Knochen (weit)</translation>
    </message>
    <message>
        <source>Bone (wide) 2500/480</source>
        <translation>Knochen (weit) 2500/480</translation>
    </message>
    <message>
        <source>Bone 1800/400</source>
        <translation>Knochen 1800/400</translation>
    </message>
    <message>
        <source>Bone and soft tissue</source>
        <translation>Knochen und Weichteile</translation>
    </message>
    <message>
        <source>Bone bridges the disc above or below this vertebra, or the mask contains the disc. Heights and angles are less certain there.</source>
        <translation>Knochen überbrückt die Bandscheibe über oder unter diesem Wirbel, oder die Maske enthält die Bandscheibe. Höhen und Winkel sind dort weniger sicher.</translation>
    </message>
    <message>
        <source>Bone counts as spine where the smoothed attention map is above this value. Lower values include more; higher values cut off ribs and pelvis.</source>
        <translation>Knochen zählt zur Wirbelsäule, wo die geglättete Aufmerksamkeitskarte über diesem Wert liegt. Niedrigere Werte erfassen mehr, höhere schneiden Rippen und Becken ab.</translation>
    </message>
    <message>
        <source>Bone density</source>
        <translation>Knochendichte</translation>
    </message>
    <message>
        <source>Bone outside this line is not part of the mask, unless you added it by hand.</source>
        <translation>Knochen außerhalb dieser Linie gehört nicht zur Maske, außer Sie haben ihn von Hand hinzugefügt.</translation>
    </message>
    <message>
        <source>Bone probability</source>
        <translation>Knochenwahrscheinlichkeit</translation>
    </message>
    <message>
        <source>Bone where the attention network sees no spine.</source>
        <translation>Knochen, wo das Aufmerksamkeitsnetz keine Wirbelsäule sieht.</translation>
    </message>
    <message>
        <source>Browse the studies that were retrieved or received</source>
        <translation>Abgerufene und empfangene Untersuchungen durchsehen</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Brush radius</source>
        <translation>Pinselradius</translation>
    </message>
    <message>
        <source>Brush, eraser, lasso, interpolation and Grow change only voxels with values in this range</source>
        <translation>Pinsel, Radierer, Lasso, Interpolieren und „Wachsen“ ändern nur Voxel mit Werten in diesem Bereich</translation>
    </message>
    <message>
        <source>By default, the left button adjusts window and level. Choose a tool here to measure or correct. You can also show maps over the scan.</source>
        <translation>Die linke Taste stellt zunächst die Fensterung ein. Wählen Sie hier ein Werkzeug zum Messen oder Korrigieren, und zeigen Sie Karten über dem Scan.</translation>
    </message>
    <message>
        <source>By vertebra</source>
        <translation>Nach Wirbel</translation>
    </message>
    <message>
        <source>C-GET, otherwise C-MOVE</source>
        <translation>C-GET, sonst C-MOVE</translation>
    </message>
    <message>
        <source>C1 has no body.</source>
        <translation>C1 hat keinen Wirbelkörper.</translation>
    </message>
    <message>
        <source>CT localiser</source>
        <translation>CT-Übersichtsaufnahme</translation>
    </message>
    <message>
        <source>CT of the spine</source>
        <translation>CT der Wirbelsäule</translation>
    </message>
    <message>
        <source>Canal</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the current segmentation or export</source>
        <translation>Laufende Segmentierung oder laufenden Export abbrechen</translation>
    </message>
    <message>
        <source>Cancel; what has already been computed is kept</source>
        <translation>Abbrechen; bereits Berechnetes bleibt erhalten</translation>
    </message>
    <message>
        <source>Centre of the body: {point} mm</source>
        <translation>Mitte des Wirbelkörpers: {point} mm</translation>
    </message>
    <message>
        <source>Centre: {point} mm</source>
        <translation>Mitte: {point} mm</translation>
    </message>
    <message>
        <source>Cervical lordosis</source>
        <translation>HWS-Lordose</translation>
    </message>
    <message>
        <source>Cervical vertebrae are not graded, because Genant grades apply only to thoracic and lumbar vertebrae.</source>
        <translation>Halswirbel werden nicht graduiert, weil die Grade nach Genant nur für Brust- und Lendenwirbel gelten.</translation>
    </message>
    <message>
        <source>Change keyboard shortcuts</source>
        <translation>Tastenkürzel ändern</translation>
    </message>
    <message>
        <source>Change names</source>
        <translation>Namen ändern</translation>
    </message>
    <message>
        <source>Change since {scan}</source>
        <translation>Änderung seit {scan}</translation>
    </message>
    <message>
        <source>Chapters</source>
        <translation>Kapitel</translation>
    </message>
    <message>
        <source>Check for a fracture.</source>
        <translation>Auf eine Fraktur prüfen.</translation>
    </message>
    <message>
        <source>Check the names</source>
        <translation>Namen prüfen</translation>
    </message>
    <message>
        <source>Check the report text</source>
        <translation>Befundtext prüfen</translation>
    </message>
    <message>
        <source>Check whether the archive responds (echo)</source>
        <translation>Prüfen, ob das Archiv antwortet (Echo)</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Choose a file: {name}</source>
        <translation>Datei wählen: {name}</translation>
    </message>
    <message>
        <source>Choose a period, or type dates: 2024-03-01 or 2024-03-01..2024-03-31</source>
        <translation>Zeitraum wählen oder Datum eingeben: 2024-03-01 oder 2024-03-01..2024-03-31</translation>
    </message>
    <message>
        <source>Choose a point in the gap between two vertebrae that were labelled as one, not near the upper or lower end of their label.</source>
        <translation>Wählen Sie einen Punkt im Spalt zwischen zwei Wirbeln, die als einer benannt sind, aber nicht nahe am oberen oder unteren Ende des so benannten Bereichs.</translation>
    </message>
    <message>
        <source>Choose a series</source>
        <translation>Serie wählen</translation>
    </message>
    <message>
        <source>Choose a vertebra that has another one below it.</source>
        <translation>Wählen Sie einen Wirbel, unter dem noch einer liegt.</translation>
    </message>
    <message>
        <source>Choose at least one format.</source>
        <translation>Wählen Sie mindestens ein Format.</translation>
    </message>
    <message>
        <source>Choose at least one item to export.</source>
        <translation>Wählen Sie mindestens ein Ergebnis zum Exportieren.</translation>
    </message>
    <message>
        <source>Choose the map shown over the scan (Shift+J)</source>
        <translation>Wählen, welche Karte über dem Scan gezeigt wird (Umschalt+J)</translation>
    </message>
    <message>
        <source>Choose the open scan shown on the right</source>
        <translation>Wählen, welcher offene Scan rechts gezeigt wird</translation>
    </message>
    <message>
        <source>Choose the series to open. The series that most likely shows the spine is marked.</source>
        <translation>Wählen Sie die Serie. Die für die Wirbelsäule wahrscheinlichste ist markiert.</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Cine: run through the slices</source>
        <translation>Cine: Schichten durchlaufen</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Clear list</source>
        <translation>Liste leeren</translation>
    </message>
    <message>
        <source>Clear the list of recent scans</source>
        <translation>Die Liste der letzten Scans leeren</translation>
    </message>
    <message>
        <source>Click</source>
        <translation>Klick</translation>
    </message>
    <message>
        <source>Click a piece that is not part of the spine</source>
        <translation>Ein Stück anklicken, das nicht zur Wirbelsäule gehört</translation>
    </message>
    <message>
        <source>Click a region to go there, and tick it once you have seen it; F3 ticks it and goes to the next</source>
        <translation>Klick springt zur Stelle, Haken heißt gesehen; F3 hakt ab und geht zur nächsten</translation>
    </message>
    <message>
        <source>Click closer to the border between the two vertebrae that you want to merge.</source>
        <translation>Klicken Sie näher an die Grenze zwischen den beiden Wirbeln, die Sie zusammenführen möchten.</translation>
    </message>
    <message>
        <source>Click near the border between the two vertebrae</source>
        <translation>Nahe der Grenze zwischen beiden klicken</translation>
    </message>
    <message>
        <source>Click near the border between two vertebrae</source>
        <translation>Nahe der Grenze zwischen zwei Wirbeln klicken</translation>
    </message>
    <message>
        <source>Click the corners</source>
        <translation>Die Ecken anklicken</translation>
    </message>
    <message>
        <source>Click the corners; click the first one again to close the polygon</source>
        <translation>Ecken anklicken; zum Schließen die erste noch einmal</translation>
    </message>
    <message>
        <source>Click the end of the other arm</source>
        <translation>Das Ende des anderen Schenkels anklicken</translation>
    </message>
    <message>
        <source>Click the gap between two vertebrae that share one name</source>
        <translation>In den Spalt zwischen zwei Wirbeln klicken, die denselben Namen tragen</translation>
    </message>
    <message>
        <source>Click the gap between two vertebrae that were labelled as one</source>
        <translation>Auf den Spalt zwischen zwei Wirbeln klicken, die als einer benannt sind</translation>
    </message>
    <message>
        <source>Click the next corner; Esc discards the polygon</source>
        <translation>Die nächste Ecke anklicken; Esc verwirft das Polygon</translation>
    </message>
    <message>
        <source>Click the piece that is the spine</source>
        <translation>Das Stück anklicken, das die Wirbelsäule ist</translation>
    </message>
    <message>
        <source>Click the posterior inferior corner of the vertebra above</source>
        <translation>Die hintere untere Ecke des Wirbels darüber anklicken</translation>
    </message>
    <message>
        <source>Click to go there, double-click to rename (F4)</source>
        <translation>Klick springt dorthin, Doppelklick benennt ihn (F4)</translation>
    </message>
    <message>
        <source>Click to go there, double-click to rename, press Del to delete; click a heading to sort</source>
        <translation>Klick springt hin, Doppelklick benennt, Entf löscht; Klick auf eine Überschrift sortiert</translation>
    </message>
    <message>
        <source>Client certificate</source>
        <translation>Client-Zertifikat</translation>
    </message>
    <message>
        <source>Client private key</source>
        <translation>Privater Schlüssel des Clients</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close idle connections after</source>
        <translation>Inaktive Verbindungen schließen nach</translation>
    </message>
    <message>
        <source>Close scan</source>
        <translation>Scan schließen</translation>
    </message>
    <message>
        <source>Close scan (Ctrl+W closes the active one)</source>
        <translation>Scan schließen (Strg+W schließt den aktiven)</translation>
    </message>
    <message>
        <source>Close the list of notices</source>
        <translation>Die Liste der Meldungen schließen</translation>
    </message>
    <message>
        <source>Close the measurements</source>
        <translation>Messwerte schließen</translation>
    </message>
    <message>
        <source>Close the measurements (Ctrl+M)</source>
        <translation>Messwerte schließen (Strg+M)</translation>
    </message>
    <message>
        <source>Close without saving</source>
        <translation>Ohne Speichern schließen</translation>
    </message>
    <message>
        <source>Close without saving the changes?</source>
        <translation>Schließen, ohne die Änderungen zu speichern?</translation>
    </message>
    <message>
        <source>Close {file}</source>
        <translation>{file} schließen</translation>
    </message>
    <message>
        <source>Cobb</source>
        <translation>Cobb</translation>
    </message>
    <message>
        <source>Cobb angle</source>
        <translation>Cobb-Winkel</translation>
    </message>
    <message>
        <source>Cobb, convex left</source>
        <translation>Cobb, linkskonvex</translation>
    </message>
    <message>
        <source>Cobb, convex right</source>
        <translation>Cobb, rechtskonvex</translation>
    </message>
    <message>
        <source>Collapse this section</source>
        <translation>Diesen Abschnitt einklappen</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Combine neighbouring slices into one image</source>
        <translation>Benachbarte Schichten in einem Bild zusammenfassen</translation>
    </message>
    <message>
        <source>Combining the results</source>
        <translation>Ergebnisse zusammenführen</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>Commands and their shortcuts</source>
        <translation>Befehle und ihre Tastenkürzel</translation>
    </message>
    <message>
        <source>Commands for this view</source>
        <translation>Befehle für diese Ansicht</translation>
    </message>
    <message>
        <source>Compare with a mask</source>
        <translation>Mit einer Maske vergleichen</translation>
    </message>
    <message>
        <source>Compare with a mask…</source>
        <translation>Mit einer Maske vergleichen…</translation>
    </message>
    <message>
        <source>Compare with another scan</source>
        <translation>Mit einem anderen Scan vergleichen</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Comparing with {file}…</source>
        <translation>Vergleich mit {file}…</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>Complete ID; * matches anything</source>
        <translation>Ganze ID; * als Platzhalter</translation>
    </message>
    <message>
        <source>Complete number; * matches anything</source>
        <translation>Ganze Nummer; * als Platzhalter</translation>
    </message>
    <message>
        <source>Computing on Intel graphics, as requested.</source>
        <translation>Berechnung auf der Intel-Grafik, wie gewünscht.</translation>
    </message>
    <message>
        <source>Computing on the CPU: {reason}.</source>
        <translation>Berechnung auf der CPU: {reason}.</translation>
    </message>
    <message>
        <source>Computing on {device}, as requested.</source>
        <translation>Rechengerät: {device}, wie gewünscht.</translation>
    </message>
    <message>
        <source>Computing on {device}.</source>
        <translation>Rechengerät: {device}.</translation>
    </message>
    <message>
        <source>Computing the surface</source>
        <translation>Oberfläche berechnen</translation>
    </message>
    <message>
        <source>Computing the surface…</source>
        <translation>Die Oberfläche wird berechnet…</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>Bestätigen</translation>
    </message>
    <message>
        <source>Confirm all names</source>
        <translation>Alle Namen bestätigen</translation>
    </message>
    <message>
        <source>Confirm names</source>
        <translation>Namen bestätigen</translation>
    </message>
    <message>
        <source>Contacting the archive</source>
        <translation>Anfrage an das Archiv</translation>
    </message>
    <message>
        <source>Continue to the other end of this endplate</source>
        <translation>Weiter bis zum anderen Ende dieser Platte</translation>
    </message>
    <message>
        <source>Continue to the vertex</source>
        <translation>Weiter bis zum Scheitel</translation>
    </message>
    <message>
        <source>Contours of the mask</source>
        <translation>Konturen der Maske</translation>
    </message>
    <message>
        <source>Contrast medium</source>
        <translation>Kontrastmittel</translation>
    </message>
    <message>
        <source>Contrast medium was given. The HU cutoffs apply to unenhanced scans.</source>
        <translation>Es wurde Kontrastmittel gegeben. Die HU-Grenzwerte gelten für native Aufnahmen.</translation>
    </message>
    <message>
        <source>Contrast medium: {contrast}</source>
        <translation>Kontrastmittel: {contrast}</translation>
    </message>
    <message>
        <source>Copies of this series, anonymised according to the DICOM standard (PS3.15). Pixels are not changed: burned-in text remains, and a face may be recognisable.</source>
        <translation>Kopien dieser Serie, anonymisiert nach dem DICOM-Standard (PS3.15). Die Pixel bleiben unverändert: Eingebrannter Text bleibt erhalten, und ein Gesicht kann erkennbar sein.</translation>
    </message>
    <message>
        <source>Copies without patient data</source>
        <translation>Kopien ohne Patientendaten</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy findings and impression as plain text for the RIS</source>
        <translation>Befund und Beurteilung als reinen Text für das RIS kopieren</translation>
    </message>
    <message>
        <source>Copy screenshot</source>
        <translation>Bild kopieren</translation>
    </message>
    <message>
        <source>Copy text</source>
        <translation>Text kopieren</translation>
    </message>
    <message>
        <source>Copy the table for pasting into a spreadsheet</source>
        <translation>Die Tabelle kopieren, um sie in eine Tabellenkalkulation einzufügen</translation>
    </message>
    <message>
        <source>Copy the views to the clipboard</source>
        <translation>Die Ansichten in die Zwischenablage kopieren</translation>
    </message>
    <message>
        <source>Copy this DICOM series and its results without patient data</source>
        <translation>Diese DICOM-Serie und ihre Ergebnisse ohne Patientendaten kopieren</translation>
    </message>
    <message>
        <source>Copy vertebral measurements</source>
        <translation>Messwerte der Wirbel kopieren</translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation>Koronal</translation>
    </message>
    <message>
        <source>Correct</source>
        <translation>Korrigieren</translation>
    </message>
    <message>
        <source>Correct by hand</source>
        <translation>Von Hand korrigieren</translation>
    </message>
    <message>
        <source>Corrected by hand</source>
        <translation>Von Hand korrigiert</translation>
    </message>
    <message>
        <source>Corrections, measurements and names will be restored when you open this scan.</source>
        <translation>Korrekturen, Messungen und Namen werden wiederhergestellt, wenn Sie diesen Scan öffnen.</translation>
    </message>
    <message>
        <source>Counted from C2</source>
        <translation>Von C2 aus gezählt</translation>
    </message>
    <message>
        <source>Counted from C2, the vertebrae would be {first} to {last}.</source>
        <translation>Von C2 aus gezählt wären es die Wirbel {first} bis {last}.</translation>
    </message>
    <message>
        <source>Counted from the sacrum</source>
        <translation>Vom Kreuzbein aus gezählt</translation>
    </message>
    <message>
        <source>Counted from the sacrum, the vertebrae would be {first} to {last}.</source>
        <translation>Vom Kreuzbein aus gezählt wären es die Wirbel {first} bis {last}.</translation>
    </message>
    <message>
        <source>Crosshair</source>
        <translation>Fadenkreuz</translation>
    </message>
    <message>
        <source>Crosshair follows the pointer</source>
        <translation>Fadenkreuz folgt dem Zeiger</translation>
    </message>
    <message>
        <source>Crosshair lines</source>
        <translation>Fadenkreuzlinien</translation>
    </message>
    <message>
        <source>Crush</source>
        <translation>Kompr.</translation>
    </message>
    <message>
        <source>Ctrl</source>
        <translation>Strg</translation>
    </message>
    <message>
        <source>Ctrl + wheel</source>
        <translation>Strg + Rad</translation>
    </message>
    <message>
        <source>Currently open scans</source>
        <translation>Geöffnete Scans</translation>
    </message>
    <message>
        <source>Currently open scans; Ctrl+Tab goes to the next one</source>
        <translation>Geöffnete Scans; Strg+Tab wechselt zum nächsten</translation>
    </message>
    <message>
        <source>Currently open, not saved</source>
        <translation>Gerade geöffnet, nicht gespeichert</translation>
    </message>
    <message>
        <source>Currently open, saved</source>
        <translation>Gerade geöffnet, gespeichert</translation>
    </message>
    <message>
        <source>Curve</source>
        <translation>Krümmung</translation>
    </message>
    <message>
        <source>Curved coronal</source>
        <translation>Gekrümmt koronal</translation>
    </message>
    <message>
        <source>Curved sagittal</source>
        <translation>Gekrümmt sagittal</translation>
    </message>
    <message>
        <source>Curved, columns</source>
        <translation>Gekrümmt, Spalten</translation>
    </message>
    <message>
        <source>Curved, rows</source>
        <translation>Gekrümmt, Zeilen</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>Krümmungen</translation>
    </message>
    <message>
        <source>Cut off at the edge of the scan: {names}.</source>
        <translation>Am Rand des Scans angeschnitten: {names}.</translation>
    </message>
    <message>
        <source>Cut off at the edge of the scan: {parts}.</source>
        <translation>Am Rand des Scans abgeschnitten: {parts}.</translation>
    </message>
    <message>
        <source>Cut off at the edge: {names}</source>
        <translation>Am Rand angeschnitten: {names}</translation>
    </message>
    <message>
        <source>Cut off at the scan edge</source>
        <translation>Am Scanrand angeschnitten</translation>
    </message>
    <message>
        <source>DICOM RTSTRUCT, contours on the source slices (.rtstruct.dcm)</source>
        <translation>DICOM RTSTRUCT, Konturen auf den Originalschichten (.rtstruct.dcm)</translation>
    </message>
    <message>
        <source>DICOM SEG and Parametric Map, on the source slices (.dcm)</source>
        <translation>DICOM SEG und Parametric Map, auf den Originalschichten (.dcm)</translation>
    </message>
    <message>
        <source>DICOM SEG with one number per voxel instead of one binary segment per vertebra: a smaller file that fewer programs can read</source>
        <translation>DICOM SEG mit einer Zahl je Voxel statt eines binären Segments je Wirbel: eine kleinere Datei, die weniger Programme lesen können</translation>
    </message>
    <message>
        <source>DICOM SEG, one segment</source>
        <translation>DICOM SEG, ein Segment</translation>
    </message>
    <message>
        <source>DICOM SEG, one segment per level</source>
        <translation>DICOM SEG, ein Segment je Wirbel</translation>
    </message>
    <message>
        <source>DICOM network</source>
        <translation>DICOM-Netzwerk</translation>
    </message>
    <message>
        <source>DICOM structured report (*.dcm)</source>
        <translation>Strukturierter DICOM-Bericht (*.dcm)</translation>
    </message>
    <message>
        <source>DICOMweb</source>
        <translation>DICOMweb</translation>
    </message>
    <message>
        <source>DICOM…</source>
        <translation>DICOM…</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Dates</source>
        <translation>Datumsangaben</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Standard</translation>
    </message>
    <message>
        <source>Default window from the file</source>
        <translation>Fensterung aus der Datei</translation>
    </message>
    <message>
        <source>Defaults</source>
        <translation>Standard</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n stud(y|ies) from this computer, including thumbnails and your saved work? Archives will not be changed.</source>
        <translation>
            <numerusform>%n Untersuchung mit Vorschaubildern und Ihrer gespeicherten Arbeit von diesem Computer löschen? Archive bleiben unverändert.</numerusform>
            <numerusform>%n Untersuchungen mit Vorschaubildern und Ihrer gespeicherten Arbeit von diesem Computer löschen? Archive bleiben unverändert.</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete after</source>
        <translation>Löschen nach</translation>
    </message>
    <message>
        <source>Delete all…</source>
        <translation>Alle löschen…</translation>
    </message>
    <message>
        <source>Delete measurement</source>
        <translation>Messung löschen</translation>
    </message>
    <message>
        <source>Delete preset</source>
        <translation>Vorgabe löschen</translation>
    </message>
    <message>
        <source>Delete preset {name}</source>
        <translation>Vorgabe {name} löschen</translation>
    </message>
    <message>
        <source>Delete studies</source>
        <translation>Untersuchungen löschen</translation>
    </message>
    <message>
        <source>Delete template</source>
        <translation>Vorlage löschen</translation>
    </message>
    <message>
        <source>Delete the selected studies, their thumbnails and your saved work on them</source>
        <translation>Ausgewählte Untersuchungen, ihre Vorschaubilder und Ihre gespeicherte Arbeit daran löschen</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen…</translation>
    </message>
    <message>
        <source>Detached piece</source>
        <translation>Abgetrenntes Stück</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Device &apos;intel-gpu&apos; cannot be used: OpenVINO finds no Intel graphics on this computer. Use another device (--device cpu or auto).</source>
        <translation>Das Gerät „intel-gpu“ kann nicht verwendet werden: OpenVINO findet auf diesem Computer keine Intel-Grafik. Verwenden Sie ein anderes Gerät (--device cpu oder auto).</translation>
    </message>
    <message>
        <source>Device &apos;{requested}&apos; cannot be used: {reason}. Use another device (--device cpu or auto).</source>
        <translation>Das Gerät „{requested}“ kann nicht verwendet werden: {reason}. Verwenden Sie ein anderes Gerät (--device cpu oder auto).</translation>
    </message>
    <message>
        <source>Dice {dice:.3f}
{distances}
Mask minus second mask: {difference_ml:+.1f} ml</source>
        <translation>Dice {dice:.3f}
{distances}
Maske minus zweite Maske: {difference_ml:+.1f} ml</translation>
    </message>
    <message>
        <source>Different patient</source>
        <translation>Anderer Patient</translation>
    </message>
    <message>
        <source>Disagreement between the networks</source>
        <translation>Widerspruch der Netze</translation>
    </message>
    <message>
        <source>Disc</source>
        <translation>Disk.</translation>
    </message>
    <message>
        <source>Discard all corrections</source>
        <translation>Alle Korrekturen verwerfen</translation>
    </message>
    <message>
        <source>Discard changes</source>
        <translation>Änderungen verwerfen</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>Dismiss this notice</source>
        <translation>Diese Meldung ausblenden</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Strecke</translation>
    </message>
    <message>
        <source>Do not delete</source>
        <translation>Nicht löschen</translation>
    </message>
    <message>
        <source>Do not offer this again. Corrections and measurements will still be restored when you open this scan.</source>
        <translation>Nicht wieder anbieten. Korrekturen und Messungen werden weiterhin wiederhergestellt, wenn Sie diesen Scan öffnen.</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Double-click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>Double-click a finished scan, or press Enter, to open its result</source>
        <translation>Doppelklick auf einen fertigen Scan oder Eingabetaste öffnet sein Ergebnis</translation>
    </message>
    <message>
        <source>Double-click does the same; press the key again to return</source>
        <translation>Auch per Doppelklick; erneutes Drücken der Taste führt zurück</translation>
    </message>
    <message>
        <source>Double-click to change the caption; drag or use Ctrl+Up and Ctrl+Down to reorder</source>
        <translation>Doppelklick ändert die Bildunterschrift; Ziehen oder Strg+Auf und Strg+Ab ändern die Reihenfolge</translation>
    </message>
    <message>
        <source>Drag along one arm to the vertex</source>
        <translation>Einen Schenkel entlang bis zum Scheitel ziehen</translation>
    </message>
    <message>
        <source>Drag along one arm to the vertex, then click the end of the other</source>
        <translation>Einen Schenkel bis zum Scheitel ziehen, dann das Ende des anderen anklicken</translation>
    </message>
    <message>
        <source>Drag along the first endplate</source>
        <translation>Entlang der ersten Deck- oder Grundplatte ziehen</translation>
    </message>
    <message>
        <source>Drag along the second endplate, in this or another slice</source>
        <translation>Entlang der zweiten Deck- oder Grundplatte ziehen, in dieser oder einer anderen Schicht</translation>
    </message>
    <message>
        <source>Drag along the superior endplate of the lower vertebra</source>
        <translation>Entlang der Deckplatte des unteren Wirbels ziehen</translation>
    </message>
    <message>
        <source>Drag along the superior endplate of the lower vertebra, then click the posterior inferior corner of the vertebra above</source>
        <translation>Entlang der Deckplatte des unteren Wirbels ziehen, dann die hintere untere Ecke des oberen anklicken</translation>
    </message>
    <message>
        <source>Drag an edge or the band between the edges, or use the arrow keys: left and right for the level, up and down for the width</source>
        <translation>Eine Kante oder das Band dazwischen ziehen, oder die Pfeiltasten benutzen: links und rechts für die Mitte, auf und ab für die Breite</translation>
    </message>
    <message>
        <source>Drag around the crosshair to rotate the other two planes</source>
        <translation>Ziehen um das Fadenkreuz herum dreht die beiden anderen Ebenen</translation>
    </message>
    <message>
        <source>Drag from end to end</source>
        <translation>Von Ende zu Ende ziehen</translation>
    </message>
    <message>
        <source>Drag from the finding to the label position</source>
        <translation>Vom Befund zur Stelle der Beschriftung ziehen</translation>
    </message>
    <message>
        <source>Drag or use the arrow keys to rotate the spine; click to move the crosshair.</source>
        <translation>Ziehen oder Pfeiltasten drehen die Wirbelsäule; ein Klick setzt das Fadenkreuz.</translation>
    </message>
    <message>
        <source>Drag right for a wider window, down for a higher level</source>
        <translation>Nach rechts ziehen: Fenster breiter; nach unten: Fenstermitte höher</translation>
    </message>
    <message>
        <source>Drag the image (the middle button always does this)</source>
        <translation>Das Bild verschieben (immer auch mit der mittleren Taste)</translation>
    </message>
    <message>
        <source>Drag the point where the planes intersect</source>
        <translation>Den Schnittpunkt der Ebenen ziehen</translation>
    </message>
    <message>
        <source>Drag up to zoom in (the right button always does this)</source>
        <translation>Nach oben ziehen vergrößert (immer auch mit der rechten Taste)</translation>
    </message>
    <message>
        <source>Draw a line along each of two endplates</source>
        <translation>Je eine Linie entlang zweier Deck- oder Grundplatten ziehen</translation>
    </message>
    <message>
        <source>Draw an ellipse to measure mean, SD, minimum, maximum and area</source>
        <translation>Ellipse aufziehen: Mittelwert, Standardabweichung, Minimum, Maximum und Fläche</translation>
    </message>
    <message>
        <source>Draw around what you want to add in this slice</source>
        <translation>Umfahren, was in dieser Schicht hinzukommen soll</translation>
    </message>
    <message>
        <source>Draw around what you want to erase in this slice</source>
        <translation>Umfahren, was in dieser Schicht wegfallen soll</translation>
    </message>
    <message>
        <source>Draw the outline of the mask (T)</source>
        <translation>Umriss der Maske zeichnen (T)</translation>
    </message>
    <message>
        <source>Drop to open</source>
        <translation>Zum Öffnen loslassen</translation>
    </message>
    <message>
        <source>Each level has its own colour, the same in all scans.</source>
        <translation>Jeder Wirbel hat seine eigene Farbe, in allen Scans dieselbe.</translation>
    </message>
    <message>
        <source>Each result is sent as a new series in the study and identifies the patient.</source>
        <translation>Jedes Ergebnis wird als neue Serie der Untersuchung gesendet und enthält die Angaben zum Patienten.</translation>
    </message>
    <message>
        <source>Edit shortcuts</source>
        <translation>Tastenkürzel ändern</translation>
    </message>
    <message>
        <source>Edit shortcuts…</source>
        <translation>Tastenkürzel ändern…</translation>
    </message>
    <message>
        <source>Encrypted (TLS)</source>
        <translation>Verschlüsselt (TLS)</translation>
    </message>
    <message>
        <source>Encrypted (TLS), with your certificate</source>
        <translation>Verschlüsselt (TLS), mit eigenem Zertifikat</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>End the comparison</source>
        <translation>Vergleich beenden</translation>
    </message>
    <message>
        <source>English</source>
        <comment>the name of this language in the language itself</comment>
        <translation>Deutsch</translation>
    </message>
    <message>
        <source>Enter a name for the new folder.</source>
        <translation>Geben Sie einen Namen für den neuen Ordner ein.</translation>
    </message>
    <message>
        <source>Enter a name for the report.</source>
        <translation>Geben Sie einen Namen für den Bericht ein.</translation>
    </message>
    <message>
        <source>Enter or a double-click closes the polygon; Esc discards it</source>
        <translation>Eingabetaste oder Doppelklick schließt das Polygon; Esc verwirft es</translation>
    </message>
    <message>
        <source>Erase from the mask by hand</source>
        <translation>Von Hand aus der Maske löschen</translation>
    </message>
    <message>
        <source>Erase with the lasso</source>
        <translation>Mit dem Lasso löschen</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>Radierer</translation>
    </message>
    <message>
        <source>Examining files</source>
        <translation>Dateien prüfen</translation>
    </message>
    <message>
        <source>Exit the tool or the maximised view</source>
        <translation>Werkzeug oder maximierte Ansicht verlassen</translation>
    </message>
    <message>
        <source>Expand this section</source>
        <translation>Diesen Abschnitt ausklappen</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Export cancelled. Existing files were not changed.</source>
        <translation>Export abgebrochen. Vorhandene Dateien wurden nicht verändert.</translation>
    </message>
    <message>
        <source>Export masks and maps. Press Ctrl+R to write a report, and Ctrl+Shift+P to find any command.</source>
        <translation>Masken und Karten exportieren. Strg+R öffnet den Bericht, Strg+Umschalt+P findet jeden Befehl.</translation>
    </message>
    <message>
        <source>Export on the scan&apos;s own grid</source>
        <translation>Export auf dem Gitter des Scans</translation>
    </message>
    <message>
        <source>Export the mask, the named vertebrae, maps or surfaces</source>
        <translation>Maske, benannte Wirbel, Karten oder Oberflächen exportieren</translation>
    </message>
    <message>
        <source>Export the mask, the named vertebrae, maps or surfaces (Ctrl+E)</source>
        <translation>Maske, benannte Wirbel, Karten oder Oberflächen exportieren (Strg+E)</translation>
    </message>
    <message>
        <source>Exported {files} to {folder}</source>
        <translation>{files} exportiert nach {folder}</translation>
    </message>
    <message>
        <source>Exporting {files}…</source>
        <translation>Export von {files}…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Extent of the mask</source>
        <translation>Ausdehnung der Maske</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message numerus="yes">
        <source>Far from the spine and left out: %n piece(s), {volume_ml:.1f} ml.</source>
        <translation>
            <numerusform>Abseits der Wirbelsäule und weggelassen: %n Stück, {volume_ml:.1f} ml.</numerusform>
            <numerusform>Abseits der Wirbelsäule und weggelassen: %n Stücke, {volume_ml:.1f} ml.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Far from the spine, in the mask: %n piece(s), {volume_ml:.1f} ml.</source>
        <translation>
            <numerusform>Abseits der Wirbelsäule, in der Maske: %n Stück, {volume_ml:.1f} ml.</numerusform>
            <numerusform>Abseits der Wirbelsäule, in der Maske: %n Stücke, {volume_ml:.1f} ml.</numerusform>
        </translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>File format</source>
        <translation>Dateiformat</translation>
    </message>
    <message>
        <source>File name of the scan</source>
        <translation>Dateiname des Scans</translation>
    </message>
    <message>
        <source>File name without extension</source>
        <translation>Dateiname ohne Endung</translation>
    </message>
    <message>
        <source>File name: {result}</source>
        <translation>Dateiname: {result}</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>Füllung</translation>
    </message>
    <message>
        <source>Fill cavities and small holes; the spinal canal stays open</source>
        <translation>Hohlräume und kleine Löcher füllen; der Spinalkanal bleibt offen</translation>
    </message>
    <message>
        <source>Fill holes</source>
        <translation>Löcher füllen</translation>
    </message>
    <message>
        <source>Fill the mask with colour (T)</source>
        <translation>Maske farbig füllen (T)</translation>
    </message>
    <message>
        <source>Fill the mask with colour instead of drawing its outline</source>
        <translation>Maske farbig füllen statt ihren Umriss zu zeichnen</translation>
    </message>
    <message>
        <source>Fill the slices between the last two that you edited</source>
        <translation>Die Schichten zwischen den beiden zuletzt bearbeiteten füllen</translation>
    </message>
    <message>
        <source>Fill the slices between the last two that you edited (U)</source>
        <translation>Die Schichten zwischen den beiden zuletzt bearbeiteten füllen (U)</translation>
    </message>
    <message>
        <source>Filled mask</source>
        <translation>Maske gefüllt</translation>
    </message>
    <message>
        <source>Find CT studies of this patient in the archive</source>
        <translation>CT-Untersuchungen dieses Patienten im Archiv suchen</translation>
    </message>
    <message>
        <source>Find a command…</source>
        <translation>Befehl suchen…</translation>
    </message>
    <message>
        <source>Find any command by typing a few letters of its name</source>
        <translation>Jeden Befehl mit ein paar Buchstaben seines Namens finden</translation>
    </message>
    <message>
        <source>Finding the centre line of the spine…</source>
        <translation>Mittellinie der Wirbelsäule wird gesucht…</translation>
    </message>
    <message>
        <source>Finding the spine</source>
        <translation>Wirbelsäule suchen</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>Befund</translation>
    </message>
    <message>
        <source>First custom window preset</source>
        <translation>Erste eigene Fenstervorgabe</translation>
    </message>
    <message>
        <source>First slice</source>
        <translation>Erste Schicht</translation>
    </message>
    <message>
        <source>Fit all planes, reset their rotation and return to the bone window</source>
        <translation>Alle Ebenen einpassen, Drehung zurücksetzen, zurück zum Knochenfenster</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folder for masks and table</source>
        <translation>Ordner für Masken und Tabelle</translation>
    </message>
    <message>
        <source>Folder for the copies</source>
        <translation>Ordner für die Kopien</translation>
    </message>
    <message>
        <source>Folder for the report</source>
        <translation>Ordner für den Bericht</translation>
    </message>
    <message>
        <source>Folder for the sessions</source>
        <translation>Ordner für die Sitzungen</translation>
    </message>
    <message>
        <source>Folder to export to</source>
        <translation>Ordner für den Export</translation>
    </message>
    <message>
        <source>For incoming connections</source>
        <translation>Für eingehende Verbindungen</translation>
    </message>
    <message>
        <source>For research use only. Spineviewer is not a medical device. Do not base a diagnosis or treatment on this page.</source>
        <translation>Nur für die Forschung. Spineviewer ist kein Medizinprodukt. Stützen Sie keine Diagnose oder Behandlung auf diese Seite.</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Formats</source>
        <translation>Formate</translation>
    </message>
    <message>
        <source>Forward ten slices</source>
        <translation>Zehn Schichten vor</translation>
    </message>
    <message>
        <source>Fracture grade and type, and height loss compared with the neighbours</source>
        <translation>Grad und Typ der Fraktur und Höhenverlust gegenüber den Nachbarn</translation>
    </message>
    <message>
        <source>Frame of reference</source>
        <translation>Bezugssystem</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Genant</source>
        <translation>Genant</translation>
    </message>
    <message>
        <source>Genant: largest height loss compared with the height expected from the neighbours; grade 1 from 20%, 2 from 25%, 3 from 40%. A vertebra is also graded if its own heights differ from each other much more than in healthy vertebrae. A question mark means that another grade is possible.</source>
        <translation>Genant: größter Höhenverlust gegenüber der nach den Nachbarwirbeln zu erwartenden Höhe; Grad 1 ab 20 %, 2 ab 25 %, 3 ab 40 %. Einen Grad erhält ein Wirbel auch, wenn sich seine eigenen Höhen deutlich stärker voneinander unterscheiden als bei gesunden Wirbeln. Ein Fragezeichen heißt, dass auch ein anderer Grad möglich ist.</translation>
    </message>
    <message>
        <source>Give up after</source>
        <translation>Abbrechen nach</translation>
    </message>
    <message>
        <source>Go back one step: undo the current drag or discard the drawing; otherwise exit the tool, or leave the maximised view or full screen</source>
        <translation>Einen Schritt zurück: Ziehen rückgängig machen oder Zeichnung verwerfen; sonst Werkzeug, maximierte Ansicht oder Vollbild verlassen</translation>
    </message>
    <message>
        <source>Go to level</source>
        <translation>Zum Wirbel springen</translation>
    </message>
    <message>
        <source>Go to level: type a name such as L1, then press Enter (Ctrl+G)</source>
        <translation>Zum Wirbel springen: Namen eingeben, etwa L1, dann Eingabetaste (Strg+G)</translation>
    </message>
    <message>
        <source>Go to level…</source>
        <translation>Zum Wirbel springen…</translation>
    </message>
    <message>
        <source>Go to the largest difference between the masks (Y)</source>
        <translation>Zur größten Abweichung zwischen den Masken (Y)</translation>
    </message>
    <message>
        <source>Go to the next vertebra that is graded as fractured</source>
        <translation>Zum nächsten Wirbel springen, der als frakturiert eingestuft ist</translation>
    </message>
    <message>
        <source>Go to the next vertebra towards the feet</source>
        <translation>Zum nächsten Wirbel nach kaudal springen</translation>
    </message>
    <message>
        <source>Go to the next vertebra towards the head</source>
        <translation>Zum nächsten Wirbel nach kranial springen</translation>
    </message>
    <message>
        <source>Grey-scale window</source>
        <translation>Fensterung</translation>
    </message>
    <message>
        <source>Grey-scale window with histogram (Shift+W; presets: keys 1 to 8)</source>
        <translation>Graustufenfenster mit Histogramm (Umschalt+W; Vorgaben: Tasten 1 bis 8)</translation>
    </message>
    <message>
        <source>Grow</source>
        <translation>Wachsen</translation>
    </message>
    <message>
        <source>Grow by one voxel (at least 1 mm)</source>
        <translation>Um ein Voxel wachsen lassen (mindestens 1 mm)</translation>
    </message>
    <message>
        <source>Grow by one voxel (at least 1 mm), only into voxels with values in the range that you set</source>
        <translation>Um ein Voxel wachsen lassen (mindestens 1 mm), nur in Voxel mit Werten im eingestellten Bereich</translation>
    </message>
    <message>
        <source>HU</source>
        <translation>HU</translation>
    </message>
    <message>
        <source>HU values are not compared, because the tube voltages are {here:.0f} and {there:.0f} kV.</source>
        <translation>HU-Werte werden nicht verglichen: Die Röhrenspannungen betragen {here:.0f} und {there:.0f} kV.</translation>
    </message>
    <message>
        <source>HU values cannot be measured without the CT scan.</source>
        <translation>HU-Werte können ohne den CT-Scan nicht gemessen werden.</translation>
    </message>
    <message>
        <source>HU values may not be comparable, because a tube voltage is unknown.</source>
        <translation>HU-Werte sind möglicherweise nicht vergleichbar: Eine Röhrenspannung ist unbekannt.</translation>
    </message>
    <message>
        <source>HU: mean attenuation of the trabecular bone in an ellipsoid inside the vertebral body, away from the cortex. If the bone is denser at mid-height, for example because of contrast medium in the basivertebral veins, this part is left out. Small spots that are much denser or less dense than the rest do not count.</source>
        <translation>HU: Mittelwert der Spongiosa in einem Ellipsoid im Wirbelkörper, abseits der Kortikalis. Ist der Knochen auf halber Höhe dichter, etwa durch Kontrastmittel in den Vv. basivertebrales, bleibt dieser Teil ausgespart. Kleine Herde, die deutlich dichter oder weniger dicht als der Rest sind, zählen nicht.</translation>
    </message>
    <message>
        <source>Hatched: not segmented, because attention is below the threshold.</source>
        <translation>Schraffiert: nicht segmentiert, weil die Aufmerksamkeit dort unter der Schwelle liegt.</translation>
    </message>
    <message>
        <source>Height loss {value} ± {uncertainty}.</source>
        <translation>Höhenverlust {value} ± {uncertainty}.</translation>
    </message>
    <message>
        <source>Height of the disc below, at its middle</source>
        <translation>Höhe in der Mitte der Bandscheibe darunter</translation>
    </message>
    <message>
        <source>Heights and HU along the spine</source>
        <translation>Höhen und HU entlang der Wirbelsäule</translation>
    </message>
    <message>
        <source>Heights, fracture grades, HU, discs and curves in a table below the views</source>
        <translation>Höhen, Frakturgrade, HU, Bandscheiben und Krümmungen in einer Tabelle unter den Ansichten</translation>
    </message>
    <message>
        <source>Heights: anterior blue, middle yellow, posterior green. Solid: measured; dashed: expected from the neighbours. Click a level to go there.</source>
        <translation>Höhen: vordere blau, mittlere gelb, hintere grün. Durchgezogen: gemessen; gestrichelt: nach den Nachbarwirbeln zu erwarten. Klicken Sie auf einen Wirbel, um dorthin zu springen.</translation>
    </message>
    <message>
        <source>Heights: between the endplates in the midsagittal plane of each vertebral body, without osteophytes.</source>
        <translation>Höhen: zwischen Deck- und Grundplatte in der Mediansagittalebene jedes Wirbelkörpers, ohne Osteophyten.</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Hide all overlays while the key is held down</source>
        <translation>Alle Überlagerungen ausblenden, solange gedrückt</translation>
    </message>
    <message>
        <source>Histogram and window…</source>
        <translation>Histogramm und Fensterung…</translation>
    </message>
    <message>
        <source>Histogram with the grey-scale window</source>
        <translation>Histogramm mit Fensterung</translation>
    </message>
    <message>
        <source>Hold B</source>
        <translation>B halten</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Pos1</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>How likely it is that a voxel is bone, according to the segmentation network.</source>
        <translation>Wie wahrscheinlich ein Voxel nach dem Segmentierungsnetz Knochen ist.</translation>
    </message>
    <message>
        <source>How much the attention map is smoothed. Larger values include the vertebral processes completely; smaller values keep the mask close to the vertebral bodies.</source>
        <translation>Wie stark die Aufmerksamkeitskarte geglättet wird. Größere Werte erfassen die Wirbelfortsätze vollständig, kleinere halten die Maske nah an den Wirbelkörpern.</translation>
    </message>
    <message>
        <source>How uncertain the segmentation network is: bright means very uncertain.</source>
        <translation>Wie unsicher das Segmentierungsnetz ist: hell heißt sehr unsicher.</translation>
    </message>
    <message>
        <source>If empty: a number that does not identify the patient</source>
        <translation>Leer: eine Nummer, die den Patienten nicht erkennen lässt</translation>
    </message>
    <message>
        <source>If this is off, patients are numbered and their names are not shown</source>
        <translation>Ausgeschaltet: Patienten werden nummeriert, ihre Namen nicht gezeigt</translation>
    </message>
    <message>
        <source>If this is off, scans and folders that you open are not listed, and the list is cleared</source>
        <translation>Ausgeschaltet: Geöffnete Scans und Ordner werden nicht aufgelistet, und die Liste wird geleert</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Images that have already arrived are kept</source>
        <translation>Angekommene Bilder bleiben erhalten</translation>
    </message>
    <message>
        <source>Impression</source>
        <translation>Beurteilung</translation>
    </message>
    <message>
        <source>In 8-bit precision (int8), which is practically as accurate with these weights.</source>
        <translation>In 8-Bit-Genauigkeit (int8); mit diesen Gewichten ist das Ergebnis praktisch ebenso genau.</translation>
    </message>
    <message>
        <source>In brackets: change since the scan of {date}.</source>
        <translation>In Klammern: Änderung seit der Aufnahme vom {date}.</translation>
    </message>
    <message>
        <source>In brackets: this scan minus {scan}, whose date is unknown.</source>
        <translation>In Klammern: dieser Scan minus {scan} (Datum unbekannt).</translation>
    </message>
    <message>
        <source>In full precision (f32){reason}.</source>
        <translation>In voller Genauigkeit (f32){reason}.</translation>
    </message>
    <message>
        <source>In half precision ({precision}), which is practically as accurate with these weights.</source>
        <translation>In halber Genauigkeit ({precision}); mit diesen Gewichten ist das Ergebnis praktisch ebenso genau.</translation>
    </message>
    <message>
        <source>In the certificate file</source>
        <translation>In der Zertifikatsdatei</translation>
    </message>
    <message>
        <source>In the system&apos;s credential store</source>
        <translation>Im Schlüsselbund des Systems</translation>
    </message>
    <message>
        <source>In {number} of {count} slices, Pixel Spacing is not a pair of positive numbers (first: {file}). Export or retrieve the series again.</source>
        <translation>In {number} von {count} Schichten ist der Pixelabstand (Pixel Spacing) kein Paar positiver Zahlen (die erste: {file}). Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>In {number} of {count} slices, the position or orientation contains invalid numbers (first: {file}). Export or retrieve the series again.</source>
        <translation>In {number} von {count} Schichten enthält die Position oder Ausrichtung ungültige Zahlen (die erste: {file}). Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>Include</source>
        <translation>Einschließen</translation>
    </message>
    <message>
        <source>Include mask and measurements as DICOM</source>
        <translation>Maske und Messungen als DICOM beifügen</translation>
    </message>
    <message>
        <source>Include name, ID, birth date and study date in the report</source>
        <translation>Name, ID, Geburts- und Untersuchungsdatum in den Bericht aufnehmen</translation>
    </message>
    <message>
        <source>Include or leave out pieces far from the spine</source>
        <translation>Stücke abseits der Wirbelsäule einschließen oder weglassen</translation>
    </message>
    <message>
        <source>Includes the whole of the vertebral processes, and possibly parts of ribs and pelvis</source>
        <translation>Vollständige Wirbelfortsätze; Teile von Rippen und Becken können enthalten sein</translation>
    </message>
    <message>
        <source>Incomplete at the edge of the scan</source>
        <translation>Am Scanrand unvollständig</translation>
    </message>
    <message>
        <source>Insert, save and delete your own templates in this language</source>
        <translation>Eigene Vorlagen dieser Sprache einfügen, speichern und löschen</translation>
    </message>
    <message>
        <source>Interface at 100%</source>
        <translation>Bedienoberfläche mit 100 %</translation>
    </message>
    <message>
        <source>Interface at 125%</source>
        <translation>Bedienoberfläche mit 125 %</translation>
    </message>
    <message>
        <source>Interface at 150%</source>
        <translation>Bedienoberfläche mit 150 %</translation>
    </message>
    <message>
        <source>Interface at 175%</source>
        <translation>Bedienoberfläche mit 175 %</translation>
    </message>
    <message>
        <source>Interface at 200%</source>
        <translation>Bedienoberfläche mit 200 %</translation>
    </message>
    <message>
        <source>Interface size</source>
        <translation>Größe der Bedienoberfläche</translation>
    </message>
    <message>
        <source>Interpolate</source>
        <translation>Interpolieren</translation>
    </message>
    <message>
        <source>Interpolate between slices</source>
        <translation>Zwischen Schichten interpolieren</translation>
    </message>
    <message>
        <source>It is not known whether contrast medium was given.</source>
        <translation>Es ist nicht bekannt, ob Kontrastmittel gegeben wurde.</translation>
    </message>
    <message>
        <source>It is unknown which scan is newer: a study date is missing.</source>
        <translation>Welcher Scan neuer ist, ist unbekannt: Ein Untersuchungsdatum fehlt.</translation>
    </message>
    <message>
        <source>Its volume is incomplete.</source>
        <translation>Das Volumen ist unvollständig.</translation>
    </message>
    <message>
        <source>Judging by the ribs, the vertebrae would be {first} to {last}.</source>
        <translation>Nach den Rippen benannt wären es die Wirbel {first} bis {last}.</translation>
    </message>
    <message>
        <source>Keep (the birth date is removed)</source>
        <translation>Behalten (das Geburtsdatum wird entfernt)</translation>
    </message>
    <message>
        <source>Keep age (capped at 90), sex, height and weight</source>
        <translation>Alter (über 90 als 90), Geschlecht, Größe und Gewicht behalten</translation>
    </message>
    <message>
        <source>Keep one piece</source>
        <translation>Nur ein Stück behalten</translation>
    </message>
    <message>
        <source>Keep piece</source>
        <translation>Stück behalten</translation>
    </message>
    <message>
        <source>Keep these names even if the mask changes</source>
        <translation>Die Namen bleiben, wie sie sind, auch wenn sich die Maske ändert</translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation>Kernel</translation>
    </message>
    <message>
        <source>Key image {number} was added to the report of {scan}.</source>
        <translation>Schlüsselbild {number} wurde in den Bericht von {scan} übernommen.</translation>
    </message>
    <message>
        <source>Key image {number} was added to the report.</source>
        <translation>Schlüsselbild {number} wurde in den Bericht übernommen.</translation>
    </message>
    <message>
        <source>Key images</source>
        <translation>Schlüsselbilder</translation>
    </message>
    <message>
        <source>Key images are added to the report of the scan on the left. To add this image to the report of its own scan, click that scan&apos;s tab first.</source>
        <translation>Schlüsselbilder kommen in den Bericht des linken Scans. Um dieses Bild in den Bericht seines eigenen Scans zu übernehmen, klicken Sie zuerst dessen Reiter an.</translation>
    </message>
    <message>
        <source>Key images, or the current planes if there are none</source>
        <translation>Schlüsselbilder, sonst die aktuellen Ebenen</translation>
    </message>
    <message>
        <source>Keyboard and mouse</source>
        <translation>Tastatur und Maus</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Keys [ and ]</source>
        <translation>Tasten [ und ]</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Kyphosis</source>
        <translation>Kyphose</translation>
    </message>
    <message>
        <source>L1…</source>
        <translation>L1…</translation>
    </message>
    <message>
        <source>L5 sacralised</source>
        <translation>L5 sakralisiert</translation>
    </message>
    <message>
        <source>LABELMAP applies only to the DICOM SEG file of the vertebrae. Specify a .dcm file for them.</source>
        <translation>LABELMAP gilt nur für die DICOM-SEG-Datei der Wirbel. Geben Sie für die Wirbel eine .dcm-Datei an.</translation>
    </message>
    <message>
        <source>Labels of shape {shape} do not match a grid of shape {grid}. Use labels on the grid of the scan.</source>
        <translation>Ein Label-Array der Form {shape} passt nicht zu einem Gitter der Form {grid}. Verwenden Sie Labels auf dem Gitter des Scans.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache (Language)</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>Größerer Pinsel</translation>
    </message>
    <message>
        <source>Largest difference</source>
        <translation>Größte Abweichung</translation>
    </message>
    <message>
        <source>Largest difference between the masks</source>
        <translation>Größte Abweichung der Masken</translation>
    </message>
    <message>
        <source>Lasso</source>
        <translation>Lasso</translation>
    </message>
    <message>
        <source>Last 12 months</source>
        <translation>Letzte 12 Monate</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>Letzte 7 Tage</translation>
    </message>
    <message>
        <source>Last slice</source>
        <translation>Letzte Schicht</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>Anordnung</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Weglassen</translation>
    </message>
    <message>
        <source>Left-button drag</source>
        <translation>Mit der linken Taste ziehen</translation>
    </message>
    <message>
        <source>Left: {name}</source>
        <translation>Links: {name}</translation>
    </message>
    <message>
        <source>Legend. {entries}</source>
        <translation>Legende. {entries}</translation>
    </message>
    <message>
        <source>Lengths in the file are in units of {unit} mm. They were converted to millimetres.</source>
        <translation>Die Längen in der Datei sind in Einheiten von {unit} mm angegeben. Sie wurden in Millimeter umgerechnet.</translation>
    </message>
    <message>
        <source>Less smoothing (sigma)</source>
        <translation>Weniger glätten (Sigma)</translation>
    </message>
    <message>
        <source>Let other computers send studies to Spineviewer</source>
        <translation>Andere Computer dürfen Untersuchungen an Spineviewer senden</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Mitte</translation>
    </message>
    <message>
        <source>Level: {first} or {second}?</source>
        <translation>{first} oder {second}?</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation>Wirbel</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>Helles Design</translation>
    </message>
    <message>
        <source>List everything you can do with keyboard and mouse</source>
        <translation>Alles zeigen, was mit Tastatur und Maus möglich ist</translation>
    </message>
    <message>
        <source>List the CT studies of this patient</source>
        <translation>CT-Untersuchungen dieses Patienten auflisten</translation>
    </message>
    <message>
        <source>List the patient&apos;s prior CT studies</source>
        <translation>Voruntersuchungen (CT) des Patienten auflisten</translation>
    </message>
    <message>
        <source>Listen on</source>
        <translation>Erreichbar über</translation>
    </message>
    <message>
        <source>Listening</source>
        <translation>Empfangsbereit</translation>
    </message>
    <message>
        <source>Listhesis</source>
        <translation>Listhese</translation>
    </message>
    <message>
        <source>Listing series…</source>
        <translation>Serien werden aufgelistet…</translation>
    </message>
    <message>
        <source>Loading the networks</source>
        <translation>Netze laden</translation>
    </message>
    <message>
        <source>Local AE title</source>
        <translation>Eigener AE-Titel</translation>
    </message>
    <message>
        <source>Local port for C-MOVE</source>
        <translation>Eigener Port für C-MOVE</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>Anmeldung</translation>
    </message>
    <message>
        <source>Lordosis</source>
        <translation>Lordose</translation>
    </message>
    <message>
        <source>Lower attention threshold</source>
        <translation>Aufmerksamkeitsschwelle senken</translation>
    </message>
    <message>
        <source>Lung</source>
        <translation>Lunge</translation>
    </message>
    <message>
        <source>Lung 1500/-600</source>
        <translation>Lunge 1500/-600</translation>
    </message>
    <message>
        <source>Made with</source>
        <translation>Erstellt mit</translation>
    </message>
    <message>
        <source>Manual measurements</source>
        <translation>Manuelle Messungen</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Mask</source>
        <translation>Maske</translation>
    </message>
    <message>
        <source>Maximise or restore a view</source>
        <translation>Eine Ansicht maximieren oder zurücksetzen</translation>
    </message>
    <message>
        <source>Maximise the active view</source>
        <translation>Aktive Ansicht maximieren</translation>
    </message>
    <message>
        <source>Maximum object size</source>
        <translation>Maximale Objektgröße</translation>
    </message>
    <message>
        <source>Maximum size</source>
        <translation>Maximale Größe</translation>
    </message>
    <message>
        <source>Maximum study size</source>
        <translation>Maximale Größe je Untersuchung</translation>
    </message>
    <message>
        <source>Maximum value</source>
        <translation>Größter Wert</translation>
    </message>
    <message>
        <source>Mean HU of the trabecular bone</source>
        <translation>Mittlere HU der Spongiosa</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Measure inside the image</source>
        <translation>Innerhalb des Bildes messen</translation>
    </message>
    <message>
        <source>Measured values changed by hand: {names}.</source>
        <translation>Von Hand geänderte Messwerte: {names}.</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>Messungen</translation>
    </message>
    <message>
        <source>Measuring…</source>
        <translation>Wird gemessen…</translation>
    </message>
    <message numerus="yes">
        <source>Memory is running low: {free_gb:.1f} GB is free, and %n scan(s) (is|are) open. Close scans that you no longer need before you open another one.</source>
        <translation>
            <numerusform>Der Speicher wird knapp: {free_gb:.1f} GB sind frei, %n Scan ist offen. Schließen Sie Scans, die Sie nicht mehr brauchen, bevor Sie einen weiteren öffnen.</numerusform>
            <numerusform>Der Speicher wird knapp: {free_gb:.1f} GB sind frei, %n Scans sind offen. Schließen Sie Scans, die Sie nicht mehr brauchen, bevor Sie einen weiteren öffnen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Merge two vertebrae</source>
        <translation>Zwei Wirbel zusammenführen</translation>
    </message>
    <message>
        <source>Merge vertebrae</source>
        <translation>Wirbel zusammenführen</translation>
    </message>
    <message>
        <source>MetaImage (.mha)</source>
        <translation>MetaImage (.mha)</translation>
    </message>
    <message>
        <source>MetaImage cannot represent the scan&apos;s tilted grid.</source>
        <translation>MetaImage kann das gekippte Gitter des Scans nicht darstellen.</translation>
    </message>
    <message>
        <source>MetaImage with separate data (.mhd)</source>
        <translation>MetaImage mit getrennten Daten (.mhd)</translation>
    </message>
    <message>
        <source>Metal or cement nearby</source>
        <translation>Metall oder Zement</translation>
    </message>
    <message>
        <source>Mid.</source>
        <translation>Mitte</translation>
    </message>
    <message>
        <source>Middle height of the vertebral body</source>
        <translation>Mittlere Höhe des Wirbelkörpers</translation>
    </message>
    <message>
        <source>Middle of its posterior wall: {point} mm</source>
        <translation>Mitte seiner Hinterkante: {point} mm</translation>
    </message>
    <message>
        <source>Middle-button drag</source>
        <translation>Mit der mittleren Taste ziehen</translation>
    </message>
    <message>
        <source>Minimum value</source>
        <translation>Kleinster Wert</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>Modalität</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>More smoothing (sigma)</source>
        <translation>Stärker glätten (Sigma)</translation>
    </message>
    <message>
        <source>More than {most} studies match. Narrow the search.</source>
        <translation>Mehr als {most} Untersuchungen passen; grenzen Sie die Suche ein.</translation>
    </message>
    <message>
        <source>More tools</source>
        <translation>Weitere Werkzeuge</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>Move a piece to a neighbouring vertebra</source>
        <translation>Ein Stück einem Nachbarwirbel zuordnen</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>Nach unten</translation>
    </message>
    <message>
        <source>Move landmark</source>
        <translation>Messpunkt verschieben</translation>
    </message>
    <message>
        <source>Move piece</source>
        <translation>Stück zuordnen</translation>
    </message>
    <message>
        <source>Move the crosshair to the pointer</source>
        <translation>Fadenkreuz an den Mauszeiger setzen</translation>
    </message>
    <message>
        <source>Move the landmarks of the selected value back to their automatic positions</source>
        <translation>Die Messpunkte des gewählten Werts auf ihre automatischen Positionen zurücksetzen</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>Nach oben</translation>
    </message>
    <message>
        <source>NIfTI (.nii)</source>
        <translation>NIfTI (.nii)</translation>
    </message>
    <message>
        <source>NIfTI pair (.hdr, .img)</source>
        <translation>NIfTI-Paar (.hdr, .img)</translation>
    </message>
    <message>
        <source>NIfTI, NRRD, MetaImage or a DICOM file (Ctrl+O)</source>
        <translation>NIfTI, NRRD, MetaImage oder eine DICOM-Datei (Strg+O)</translation>
    </message>
    <message>
        <source>NIfTI, NRRD, MetaImage, zipped studies, or a text file with a list of scans</source>
        <translation>NIfTI, NRRD, MetaImage, gezippte Untersuchungen oder eine Textdatei mit einer Liste von Scans</translation>
    </message>
    <message>
        <source>NIfTI, compressed (.nii.gz)</source>
        <translation>NIfTI, komprimiert (.nii.gz)</translation>
    </message>
    <message>
        <source>NRRD (.nrrd)</source>
        <translation>NRRD (.nrrd)</translation>
    </message>
    <message>
        <source>NRRD with separate data (.nhdr)</source>
        <translation>NRRD mit getrennten Daten (.nhdr)</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Name measurement</source>
        <translation>Messung benennen</translation>
    </message>
    <message>
        <source>Name of the measurement</source>
        <translation>Name der Messung</translation>
    </message>
    <message>
        <source>Name of the new folder</source>
        <translation>Name des neuen Ordners</translation>
    </message>
    <message>
        <source>Name the scan in the report; file names may contain patient names</source>
        <translation>Den Scan im Bericht benennen; Dateinamen können Patientennamen enthalten</translation>
    </message>
    <message>
        <source>Name the vertebra at the crosshair, and rename the others to match</source>
        <translation>Den Wirbel am Fadenkreuz benennen; die anderen richten sich danach</translation>
    </message>
    <message>
        <source>Name this vertebra</source>
        <translation>Diesen Wirbel benennen</translation>
    </message>
    <message>
        <source>Name this vertebra…</source>
        <translation>Diesen Wirbel benennen…</translation>
    </message>
    <message>
        <source>Name vertebra</source>
        <translation>Wirbel benennen</translation>
    </message>
    <message>
        <source>Name {vertebra}…</source>
        <translation>{vertebra} benennen…</translation>
    </message>
    <message>
        <source>Named by vertebral size and spacing alone</source>
        <translation>Nur nach Größe und Abstand der Wirbel benannt</translation>
    </message>
    <message>
        <source>Named by vertebral size and spacing alone, so the names may be off by one level or more. The probability that {first} to {last} is correct is {probability}.</source>
        <translation>Nur nach Größe und Abstand der Wirbel benannt: Die Namen können um einen Wirbel oder mehr verschoben sein. {first} bis {last} stimmt mit einer Wahrscheinlichkeit von {probability}.</translation>
    </message>
    <message>
        <source>Named vertebrae</source>
        <translation>Benannte Wirbel</translation>
    </message>
    <message>
        <source>Names and measurements are not up to date yet. Wait a moment.</source>
        <translation>Namen und Messwerte sind noch nicht auf dem neuesten Stand. Warten Sie einen Moment.</translation>
    </message>
    <message>
        <source>Names set by hand</source>
        <translation>Von Hand benannt</translation>
    </message>
    <message>
        <source>Naming</source>
        <translation>Benennung</translation>
    </message>
    <message>
        <source>Naming the vertebrae</source>
        <translation>Wirbel werden benannt</translation>
    </message>
    <message>
        <source>Naming the vertebrae…</source>
        <translation>Wirbel werden benannt…</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>New archive</source>
        <translation>Neues Archiv</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Neuer Ordner</translation>
    </message>
    <message>
        <source>New here? A tour of the window takes a minute.</source>
        <translation>Neu hier? Ein Rundgang durch das Fenster dauert eine Minute.</translation>
    </message>
    <message>
        <source>New name for {name}, such as T12 or L1</source>
        <translation>Neuer Name von {name}, etwa T12 oder L1</translation>
    </message>
    <message>
        <source>New patient name</source>
        <translation>Neuer Patientenname</translation>
    </message>
    <message>
        <source>New shortcut</source>
        <translation>Neues Kürzel</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Next fractured vertebra</source>
        <translation>Nächster frakturierter Wirbel</translation>
    </message>
    <message>
        <source>Next map: attention, bone probability, disagreement, uncertainty</source>
        <translation>Nächste Karte: Aufmerksamkeit, Knochenwahrscheinlichkeit, Widerspruch, Unsicherheit</translation>
    </message>
    <message>
        <source>Next open scan</source>
        <translation>Nächster offener Scan</translation>
    </message>
    <message>
        <source>Next slice</source>
        <translation>Nächste Schicht</translation>
    </message>
    <message>
        <source>Next uncertain region</source>
        <translation>Nächste unsichere Stelle</translation>
    </message>
    <message>
        <source>Next vertebra</source>
        <translation>Nächster Wirbel</translation>
    </message>
    <message>
        <source>Next view</source>
        <translation>Nächste Ansicht</translation>
    </message>
    <message>
        <source>No Dask scheduler is responding at {address}. Start one with &apos;dask scheduler&apos;, or correct the address (tcp://HOST:PORT).</source>
        <translation>Unter {address} antwortet kein Dask-Scheduler. Starten Sie einen mit „dask scheduler“, oder berichtigen Sie die Adresse (tcp://RECHNER:PORT).</translation>
    </message>
    <message>
        <source>No archive is configured yet.</source>
        <translation>Es ist noch kein Archiv eingerichtet.</translation>
    </message>
    <message>
        <source>No comparison</source>
        <translation>Kein Vergleich</translation>
    </message>
    <message>
        <source>No date</source>
        <translation>Ohne Datum</translation>
    </message>
    <message>
        <source>No description</source>
        <translation>Ohne Beschreibung</translation>
    </message>
    <message>
        <source>No disc was found between the vertebrae. Rotate the planes by hand.</source>
        <translation>Zwischen den Wirbeln wurde keine Bandscheibe gefunden. Drehen Sie die Ebenen von Hand.</translation>
    </message>
    <message>
        <source>No fractured vertebra was found.</source>
        <translation>Es wurde kein frakturierter Wirbel gefunden.</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation>Unbegrenzt</translation>
    </message>
    <message>
        <source>No matches.</source>
        <translation>Keine Treffer.</translation>
    </message>
    <message>
        <source>No matching command.</source>
        <translation>Kein passender Befehl.</translation>
    </message>
    <message>
        <source>No measured value was changed by hand.</source>
        <translation>Kein Messwert wurde von Hand geändert.</translation>
    </message>
    <message>
        <source>No name</source>
        <translation>Ohne Name</translation>
    </message>
    <message>
        <source>No password or token is stored for {name}. Enter one in the archive&apos;s settings (spineviewer pacs nodes --secret {name}).</source>
        <translation>Für {name} ist kein Passwort oder Token gespeichert. Geben Sie eines in den Einstellungen des Archivs ein (spineviewer pacs nodes --secret {name}).</translation>
    </message>
    <message>
        <source>No recent scans</source>
        <translation>Keine zuletzt geöffneten Scans</translation>
    </message>
    <message>
        <source>No scans yet. Add files or a folder, or drop them here.</source>
        <translation>Noch keine Scans. Fügen Sie Dateien oder einen Ordner hinzu, oder ziehen Sie sie hierher.</translation>
    </message>
    <message>
        <source>No shortcut</source>
        <translation>Kein Kürzel</translation>
    </message>
    <message>
        <source>No spine found: nothing is above an attention threshold of {attention_threshold:.2f} and a segmentation threshold of {segmentation_threshold:.2f}. Lower the attention threshold, or check that this CT shows a spine.</source>
        <translation>Keine Wirbelsäule gefunden: Nichts liegt über einer Aufmerksamkeitsschwelle von {attention_threshold:.2f} und einer Segmentierungsschwelle von {segmentation_threshold:.2f}. Senken Sie die Aufmerksamkeitsschwelle, oder prüfen Sie, ob dieses CT eine Wirbelsäule zeigt.</translation>
    </message>
    <message>
        <source>No spine was found: the mask is empty.</source>
        <translation>Keine Wirbelsäule gefunden: Die Maske ist leer.</translation>
    </message>
    <message>
        <source>No vertebra in this scan has a fracture grade.</source>
        <translation>In diesem Scan hat kein Wirbel einen Frakturgrad.</translation>
    </message>
    <message>
        <source>No vertebra was found in the mask.</source>
        <translation>In der Maske wurde kein Wirbel gefunden.</translation>
    </message>
    <message>
        <source>No vertebral body could be measured in the mask.</source>
        <translation>In der Maske konnte kein Wirbelkörper vermessen werden.</translation>
    </message>
    <message>
        <source>No vertebral body was found in the mask, so no vertebra was named.</source>
        <translation>In der Maske wurde kein Wirbelkörper gefunden, deshalb wurde kein Wirbel benannt.</translation>
    </message>
    <message>
        <source>No voxel contains a finite number.</source>
        <translation>Kein Voxel enthält eine endliche Zahl.</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Not available: {reason}</source>
        <translation>Nicht verfügbar: {reason}</translation>
    </message>
    <message>
        <source>Not created: {reason}</source>
        <translation>Nicht erstellt: {reason}</translation>
    </message>
    <message>
        <source>Not in the mask, but outlined using a lower bone-probability threshold: {names}. Check every outline.</source>
        <translation>Nicht in der Maske, aber mit einer niedrigeren Schwelle der Knochenwahrscheinlichkeit ergänzt: {names}. Prüfen Sie jeden Umriss.</translation>
    </message>
    <message>
        <source>Not in the mask: outlined using a lower bone-probability threshold. Check the outline.</source>
        <translation>Nicht in der Maske: Umriss mit einer niedrigeren Schwelle der Knochenwahrscheinlichkeit ergänzt. Prüfen Sie den Umriss.</translation>
    </message>
    <message>
        <source>Not segmented</source>
        <translation>Nicht segmentiert</translation>
    </message>
    <message>
        <source>Not segmented, so there may be bone here. Lower the attention threshold to segment this area.</source>
        <translation>Nicht segmentiert, hier kann also Knochen sein. Zum Segmentieren die Aufmerksamkeitsschwelle senken.</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>Hinweise</translation>
    </message>
    <message>
        <source>Nothing is lost: work that you do not open now stays saved and is offered again when you open this scan.</source>
        <translation>Nichts geht verloren: Arbeit, die Sie jetzt nicht öffnen, bleibt gespeichert und wird wieder angeboten, wenn Sie diesen Scan öffnen.</translation>
    </message>
    <message>
        <source>Nothing is responding at {place}. Check the address, or start the archive.</source>
        <translation>Unter {place} antwortet kein Programm. Prüfen Sie die Adresse, oder starten Sie das Archiv.</translation>
    </message>
    <message>
        <source>Nothing leaves this computer unless you send it.</source>
        <translation>Ohne Ihr Zutun verlässt nichts diesen Computer.</translation>
    </message>
    <message>
        <source>Number of studies to retrieve at the same time</source>
        <translation>Anzahl der Untersuchungen, die gleichzeitig abgerufen werden</translation>
    </message>
    <message>
        <source>Numbered from the ribs</source>
        <translation>Nach den Rippen benannt</translation>
    </message>
    <message>
        <source>OBJ surface (.obj)</source>
        <translation>OBJ-Oberfläche (.obj)</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Auf diesem Computer</translation>
    </message>
    <message>
        <source>On this computer…</source>
        <translation>Auf diesem Computer…</translation>
    </message>
    <message>
        <source>One and a column</source>
        <translation>Eins und eine Spalte</translation>
    </message>
    <message>
        <source>One and three</source>
        <translation>Eins und drei</translation>
    </message>
    <message>
        <source>One and two</source>
        <translation>Eins und zwei</translation>
    </message>
    <message>
        <source>One large view beside a column of small ones</source>
        <translation>Eine große Ansicht neben einer Spalte kleiner</translation>
    </message>
    <message>
        <source>One large view with the other views beside it</source>
        <translation>Eine große Ansicht, die anderen daneben</translation>
    </message>
    <message>
        <source>One large view with two beside it</source>
        <translation>Eine große Ansicht, zwei daneben</translation>
    </message>
    <message>
        <source>One of the file&apos;s two orientations ({name}) is invalid: it contains no usable axes. The other one ({other}) is used. Check left and right.</source>
        <translation>Eine der beiden Orientierungen der Datei ({name}) ist ungültig: Sie enthält keine brauchbaren Achsen. Verwendet wird die andere ({other}). Prüfen Sie links und rechts.</translation>
    </message>
    <message>
        <source>One-time preparation for this computer</source>
        <translation>Einmalige Vorbereitung für diesen Computer</translation>
    </message>
    <message numerus="yes">
        <source>Only %n slice(s): too few to find a spine.</source>
        <translation>
            <numerusform>Nur %n Schicht: zu wenig, um eine Wirbelsäule zu finden.</numerusform>
            <numerusform>Nur %n Schichten: zu wenig, um eine Wirbelsäule zu finden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Only archives with a DICOM address can confirm storage. Add a DICOM address in the archive settings, or send without confirmation.</source>
        <translation>Nur Archive mit einer DICOM-Adresse können die Speicherung bestätigen. Tragen Sie eine DICOM-Adresse in den Archiv-Einstellungen ein, oder senden Sie ohne Bestätigung.</translation>
    </message>
    <message>
        <source>Only from</source>
        <translation>Nur von</translation>
    </message>
    <message>
        <source>Only if the archive requires one</source>
        <translation>Nur falls das Archiv eines verlangt</translation>
    </message>
    <message>
        <source>Only part of the arch of this vertebra, and at most a rim of its body, is in view.</source>
        <translation>Von diesem Wirbel sind nur ein Teil des Bogens und höchstens eine Kante des Wirbelkörpers im Bild.</translation>
    </message>
    <message>
        <source>Only the segmentation may have to be repeated.</source>
        <translation>Nur die Segmentierung muss eventuell wiederholt werden.</translation>
    </message>
    <message>
        <source>Opacity of the mask fill</source>
        <translation>Deckkraft der Maskenfüllung</translation>
    </message>
    <message>
        <source>Opacity of the overlay</source>
        <translation>Deckkraft der Überlagerung</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open DICOM folder</source>
        <translation>DICOM-Ordner öffnen</translation>
    </message>
    <message>
        <source>Open DICOM folder…</source>
        <translation>DICOM-Ordner öffnen…</translation>
    </message>
    <message>
        <source>Open a NIfTI, NRRD, MetaImage or DICOM file</source>
        <translation>Eine NIfTI-, NRRD-, MetaImage- oder DICOM-Datei öffnen</translation>
    </message>
    <message>
        <source>Open a folder of DICOM slices</source>
        <translation>Einen Ordner mit DICOM-Schichten öffnen</translation>
    </message>
    <message>
        <source>Open from archive…</source>
        <translation>Aus Archiv öffnen…</translation>
    </message>
    <message>
        <source>Open recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Open scan</source>
        <translation>Scan öffnen</translation>
    </message>
    <message>
        <source>Open scan…</source>
        <translation>Scan öffnen…</translation>
    </message>
    <message>
        <source>Open series</source>
        <translation>Serie öffnen</translation>
    </message>
    <message>
        <source>Open the sample scan</source>
        <translation>Beispielscan öffnen</translation>
    </message>
    <message>
        <source>Open the scan with thresholds, corrections and measurements as you left them</source>
        <translation>Den Scan mit Schwellen, Korrekturen und Messungen so öffnen, wie Sie ihn verlassen haben</translation>
    </message>
    <message>
        <source>OpenGL is not available on this computer, so the surface cannot be drawn. All other views work, and you can still export the surface.</source>
        <translation>Auf diesem Computer ist OpenGL nicht verfügbar; die Oberfläche kann nicht gezeichnet werden. Alle anderen Ansichten funktionieren, und Sie können die Oberfläche exportieren.</translation>
    </message>
    <message>
        <source>OpenVINO cannot use {device} ({reason}). Use another device (--device).</source>
        <translation>OpenVINO kann {device} nicht verwenden ({reason}). Verwenden Sie ein anderes Gerät (--device).</translation>
    </message>
    <message>
        <source>OpenVINO failed on {device} ({reason}). Try again, or use another device (--device).</source>
        <translation>OpenVINO-Fehler auf {device} ({reason}). Versuchen Sie es erneut, oder verwenden Sie ein anderes Gerät (--device).</translation>
    </message>
    <message>
        <source>OpenVINO is missing: the installation is incomplete. Install Spineviewer again.</source>
        <translation>OpenVINO fehlt: Die Installation ist unvollständig. Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Opening {file}</source>
        <translation>{file} wird geöffnet</translation>
    </message>
    <message>
        <source>Opening {file} ({number} of {count})</source>
        <translation>{file} wird geöffnet ({number} von {count})</translation>
    </message>
    <message>
        <source>Other computers can send studies to Spineviewer while the receiver is on. It is off when Spineviewer starts.</source>
        <translation>Solange der Empfänger eingeschaltet ist, können andere Computer Untersuchungen an Spineviewer senden. Beim Start von Spineviewer ist er aus.</translation>
    </message>
    <message>
        <source>Other files that are not images: {others}.</source>
        <translation>Weitere Dateien, die keine Bilder sind: {others}.</translation>
    </message>
    <message>
        <source>Other images</source>
        <translation>Andere Bilder</translation>
    </message>
    <message>
        <source>Other scan</source>
        <translation>Anderer Scan</translation>
    </message>
    <message>
        <source>Outdated: the names belong to an earlier mask.</source>
        <translation>Veraltet: Die Namen gehören zu einer früheren Maske.</translation>
    </message>
    <message>
        <source>Outdated: the values belong to an earlier mask.</source>
        <translation>Veraltet: Die Werte gehören zu einer früheren Maske.</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>Umriss</translation>
    </message>
    <message>
        <source>Outline of the segmented spine, corrections included</source>
        <translation>Umriss der segmentierten Wirbelsäule, mit Korrekturen</translation>
    </message>
    <message>
        <source>Output folder</source>
        <translation>Zielordner</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>Überlagerung</translation>
    </message>
    <message>
        <source>Overlays</source>
        <translation>Überlagerungen</translation>
    </message>
    <message>
        <source>PLY surface (.ply)</source>
        <translation>PLY-Oberfläche (.ply)</translation>
    </message>
    <message>
        <source>Page down</source>
        <translation>Bild ab</translation>
    </message>
    <message>
        <source>Page up</source>
        <translation>Bild auf</translation>
    </message>
    <message>
        <source>Paint a circle in one slice instead of a sphere</source>
        <translation>Einen Kreis in einer Schicht statt einer Kugel malen</translation>
    </message>
    <message>
        <source>Pan</source>
        <translation>Verschieben</translation>
    </message>
    <message>
        <source>Part of the scan has not been segmented yet. Wait until segmentation has finished.</source>
        <translation>Ein Teil des Scans ist noch nicht segmentiert. Warten Sie, bis die Segmentierung fertig ist.</translation>
    </message>
    <message>
        <source>Password or token</source>
        <translation>Passwort oder Token</translation>
    </message>
    <message>
        <source>Patient ID</source>
        <translation>Patienten-ID</translation>
    </message>
    <message>
        <source>Patient and study</source>
        <translation>Patient und Untersuchung</translation>
    </message>
    <message>
        <source>Patient name</source>
        <translation>Patientenname</translation>
    </message>
    <message>
        <source>Patient {number}</source>
        <translation>Patient {number}</translation>
    </message>
    <message>
        <source>Patient, study, series</source>
        <translation>Patient, Untersuchung, Serie</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Pause at once, even in the middle of a scan, to free the networks for the scan that you are viewing</source>
        <translation>Sofort pausieren, auch mitten in einem Scan, damit die Netze für den angezeigten Scan frei werden</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pausiert</translation>
    </message>
    <message>
        <source>Planes through the crosshair</source>
        <translation>Ebenen durch das Fadenkreuz</translation>
    </message>
    <message>
        <source>Play the slices of the active view; press again to stop</source>
        <translation>Die Schichten der aktiven Ansicht abspielen; erneutes Drücken hält an</translation>
    </message>
    <message>
        <source>Polygon ROI</source>
        <translation>Polygon-ROI</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Port {port} is used by another program, or the address does not belong to this computer. Choose another port or address.</source>
        <translation>Port {port} wird von einem anderen Programm benutzt, oder die Adresse gehört nicht zu diesem Computer. Wählen Sie einen anderen Port oder eine andere Adresse.</translation>
    </message>
    <message>
        <source>Port {port} is used by another program. Choose another port for this archive.</source>
        <translation>Port {port} wird von einem anderen Programm benutzt. Wählen Sie für dieses Archiv einen anderen.</translation>
    </message>
    <message>
        <source>Post.</source>
        <translation>hinten</translation>
    </message>
    <message>
        <source>Posterior height of the vertebral body</source>
        <translation>Hintere Höhe des Wirbelkörpers</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation>Vorbereiten</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>Vorgaben</translation>
    </message>
    <message>
        <source>Press K in a view to add its image with measurements.</source>
        <translation>K in einer Ansicht übernimmt ihr Bild samt Messungen.</translation>
    </message>
    <message>
        <source>Press the new shortcut first.</source>
        <translation>Drücken Sie zuerst die Tasten für das neue Kürzel.</translation>
    </message>
    <message>
        <source>Previous fractured vertebra</source>
        <translation>Voriger frakturierter Wirbel</translation>
    </message>
    <message>
        <source>Previous slice</source>
        <translation>Vorige Schicht</translation>
    </message>
    <message>
        <source>Previous thresholds</source>
        <translation>Vorherige Schwellen</translation>
    </message>
    <message>
        <source>Previous uncertain region</source>
        <translation>Vorige unsichere Stelle</translation>
    </message>
    <message>
        <source>Previous vertebra</source>
        <translation>Voriger Wirbel</translation>
    </message>
    <message>
        <source>Prior CT</source>
        <translation>Vor-CTs</translation>
    </message>
    <message>
        <source>Prior CT studies…</source>
        <translation>Voruntersuchungen (CT)…</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>Wahrsch.</translation>
    </message>
    <message>
        <source>Probability that the names are correct</source>
        <translation>Wahrscheinlichkeit, dass die Namen stimmen</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Project the attention map through all slices, along the viewing direction</source>
        <translation>Aufmerksamkeit in Blickrichtung über alle Schichten zeigen</translation>
    </message>
    <message>
        <source>Project the attention map through all slices, along the viewing direction (J)</source>
        <translation>Aufmerksamkeit in Blickrichtung über alle Schichten zeigen (J)</translation>
    </message>
    <message>
        <source>Published cutoff (not a diagnosis)</source>
        <translation>Veröffentlichter Grenzwert (keine Diagnose)</translation>
    </message>
    <message>
        <source>PyTorch cannot use {device} ({reason}). Use another device (--device).</source>
        <translation>PyTorch kann {device} nicht verwenden ({reason}). Verwenden Sie ein anderes Gerät (--device).</translation>
    </message>
    <message>
        <source>PyTorch failed on {device} ({reason}). Try again, or use another device (--device).</source>
        <translation>PyTorch-Fehler auf {device} ({reason}). Versuchen Sie es erneut, oder verwenden Sie ein anderes Gerät (--device).</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Quit Spineviewer</source>
        <translation>Spineviewer beenden</translation>
    </message>
    <message>
        <source>Quit without saving</source>
        <translation>Ohne Speichern beenden</translation>
    </message>
    <message>
        <source>ROI</source>
        <translation>ROI</translation>
    </message>
    <message>
        <source>RTSTRUCT</source>
        <translation>RTSTRUCT</translation>
    </message>
    <message>
        <source>Raise attention threshold</source>
        <translation>Aufmerksamkeitsschwelle erhöhen</translation>
    </message>
    <message>
        <source>Ratio of anterior to posterior height</source>
        <translation>Verhältnis von Vorder- zu Hinterkantenhöhe</translation>
    </message>
    <message>
        <source>Ratio of middle to posterior height</source>
        <translation>Verhältnis von mittlerer zu Hinterkantenhöhe</translation>
    </message>
    <message>
        <source>Ratio of posterior to expected height</source>
        <translation>Verhältnis von Hinterkantenhöhe zu erwarteter Höhe</translation>
    </message>
    <message>
        <source>Read more</source>
        <translation>Mehr lesen</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>Lesen</translation>
    </message>
    <message>
        <source>Reading slices</source>
        <translation>Schichten lesen</translation>
    </message>
    <message>
        <source>Reading {file} took more than {patience:.0f} s and was stopped. Copy the files to a local disk and try again.</source>
        <translation>Das Lesen von {file} dauerte länger als {patience:.0f} s und wurde abgebrochen. Kopieren Sie die Dateien auf einen lokalen Datenträger, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>Receive studies</source>
        <translation>Untersuchungen empfangen</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <source>Receiver</source>
        <translation>Empfänger</translation>
    </message>
    <message>
        <source>Recent scans</source>
        <translation>Letzte Scans</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Redo the last undone step</source>
        <translation>Den zuletzt rückgängig gemachten Schritt wiederholen</translation>
    </message>
    <message>
        <source>Reducing streaks</source>
        <translation>Streifenartefakte verringern</translation>
    </message>
    <message>
        <source>Register the local AE title, this computer&apos;s address and this port with the archive</source>
        <translation>Im Archiv müssen der eigene AE-Titel, die Adresse dieses Computers und dieser Port eingetragen sein</translation>
    </message>
    <message>
        <source>Rejected by the archive: {reason}</source>
        <translation>Vom Archiv abgelehnt: {reason}</translation>
    </message>
    <message>
        <source>Remarks</source>
        <translation>Bemerkungen</translation>
    </message>
    <message>
        <source>Remember recent scans</source>
        <translation>Letzte Scans merken</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove a piece</source>
        <translation>Ein Stück entfernen</translation>
    </message>
    <message>
        <source>Remove archive</source>
        <translation>Archiv entfernen</translation>
    </message>
    <message>
        <source>Remove finished retrievals from the list</source>
        <translation>Beendete Abrufe aus der Liste entfernen</translation>
    </message>
    <message>
        <source>Remove piece</source>
        <translation>Stück entfernen</translation>
    </message>
    <message>
        <source>Remove the selected scans from the list (Del)</source>
        <translation>Die markierten Scans aus der Liste entfernen (Entf)</translation>
    </message>
    <message>
        <source>Remove {archive} and its password? Studies on this computer will be kept.</source>
        <translation>{archive} und das zugehörige Passwort entfernen? Untersuchungen auf diesem Computer bleiben erhalten.</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Rename each vertebra to the next higher level: L1 becomes T12</source>
        <translation>Alle Wirbel um ein Segment höher benennen: aus L1 wird T12</translation>
    </message>
    <message>
        <source>Rename each vertebra to the next lower level: T12 becomes L1</source>
        <translation>Alle Wirbel um ein Segment tiefer benennen: aus T12 wird L1</translation>
    </message>
    <message>
        <source>Replace existing files</source>
        <translation>Vorhandene Dateien ersetzen</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Report outdated</source>
        <translation>Bericht veraltet</translation>
    </message>
    <message>
        <source>Report saved to {folder}: {files}</source>
        <translation>Bericht in {folder} gespeichert: {files}</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>Bericht…</translation>
    </message>
    <message>
        <source>Resampling</source>
        <translation>Neu abtasten</translation>
    </message>
    <message>
        <source>Research use only; not a medical device</source>
        <translation>Nur für die Forschung, kein Medizinprodukt</translation>
    </message>
    <message>
        <source>Reset all views</source>
        <translation>Alle Ansichten zurücksetzen</translation>
    </message>
    <message>
        <source>Reset plane rotation</source>
        <translation>Drehung der Ebenen zurücksetzen</translation>
    </message>
    <message>
        <source>Restart Spineviewer to apply the new size.</source>
        <translation>Starten Sie Spineviewer neu, damit die neue Größe gilt.</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Restore all</source>
        <translation>Alle zurücksetzen</translation>
    </message>
    <message>
        <source>Restore automatic value</source>
        <translation>Automatischen Wert wiederherstellen</translation>
    </message>
    <message>
        <source>Restore default</source>
        <translation>Standard wiederherstellen</translation>
    </message>
    <message>
        <source>Restore default thresholds</source>
        <translation>Standardschwellen wiederherstellen</translation>
    </message>
    <message>
        <source>Restore defaults</source>
        <translation>Standardwerte wiederherstellen</translation>
    </message>
    <message>
        <source>Restore the automatic value</source>
        <translation>Automatischen Wert wiederherstellen</translation>
    </message>
    <message>
        <source>Restored from last time: {work}.</source>
        <translation>Vom letzten Mal wiederhergestellt: {work}.</translation>
    </message>
    <message>
        <source>Result and scan</source>
        <translation>Ergebnis und Scan</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Retrieval progress</source>
        <translation>Fortschritt des Abrufs</translation>
    </message>
    <message>
        <source>Retrievals</source>
        <translation>Abrufe</translation>
    </message>
    <message>
        <source>Retrievals continue in the background</source>
        <translation>Abrufe laufen im Hintergrund weiter</translation>
    </message>
    <message>
        <source>Retrieve all series of the study</source>
        <translation>Alle Serien der Untersuchung abrufen</translation>
    </message>
    <message>
        <source>Retrieve and open</source>
        <translation>Abrufen und öffnen</translation>
    </message>
    <message>
        <source>Retrieve only the missing images</source>
        <translation>Nur die fehlenden Bilder abrufen</translation>
    </message>
    <message>
        <source>Retrieve this series</source>
        <translation>Diese Serie abrufen</translation>
    </message>
    <message>
        <source>Retrieve with</source>
        <translation>Abrufen mit</translation>
    </message>
    <message>
        <source>Retrieving images</source>
        <translation>Bilder werden abgerufen</translation>
    </message>
    <message>
        <source>Retrieving…</source>
        <translation>Wird abgerufen…</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Return all planes to the scan&apos;s own axes</source>
        <translation>Alle Ebenen auf die Achsen des Scans zurücksetzen</translation>
    </message>
    <message>
        <source>Return to the default thresholds and sigma</source>
        <translation>Zurück zu den Standardwerten für Schwellen und Sigma</translation>
    </message>
    <message>
        <source>Return to the mask without corrections; can be undone</source>
        <translation>Zurück zur Maske ohne Korrekturen; kann rückgängig gemacht werden</translation>
    </message>
    <message>
        <source>Right-button drag</source>
        <translation>Mit der rechten Taste ziehen</translation>
    </message>
    <message>
        <source>Right:</source>
        <translation>Rechts:</translation>
    </message>
    <message>
        <source>Right: {scan}</source>
        <translation>Rechts: {scan}</translation>
    </message>
    <message>
        <source>Rotate anticlockwise</source>
        <translation>Gegen den Uhrzeigersinn drehen</translation>
    </message>
    <message>
        <source>Rotate clockwise</source>
        <translation>Im Uhrzeigersinn drehen</translation>
    </message>
    <message>
        <source>Rotate planes</source>
        <translation>Ebenen drehen</translation>
    </message>
    <message>
        <source>Rotate the other two planes by one degree</source>
        <translation>Die beiden anderen Ebenen um ein Grad drehen</translation>
    </message>
    <message>
        <source>Rotate the planes about the crosshair until the axial plane is parallel to the nearest disc</source>
        <translation>Die Ebenen um das Fadenkreuz drehen, bis die axiale Ebene parallel zur nächsten Bandscheibe steht</translation>
    </message>
    <message>
        <source>Rotation of the apical vertebra</source>
        <translation>Rotation des Scheitelwirbels</translation>
    </message>
    <message>
        <source>Round off edges and remove specks</source>
        <translation>Kanten abrunden und kleine Reste entfernen</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Run both networks on this scan</source>
        <translation>Beide Netze auf diesen Scan anwenden</translation>
    </message>
    <message>
        <source>Run both networks on this scan (Ctrl+Enter)</source>
        <translation>Beide Netze auf diesen Scan anwenden (Strg+Enter)</translation>
    </message>
    <message>
        <source>Running…</source>
        <translation>Läuft…</translation>
    </message>
    <message>
        <source>SD</source>
        <translation>SD</translation>
    </message>
    <message>
        <source>STL surface (.stl)</source>
        <translation>STL-Oberfläche (.stl)</translation>
    </message>
    <message>
        <source>Sagittal</source>
        <translation>Sagittal</translation>
    </message>
    <message>
        <source>Same patient: unknown</source>
        <translation>Gleicher Patient: unbekannt</translation>
    </message>
    <message>
        <source>Same vertebra in the other scan</source>
        <translation>Derselbe Wirbel im anderen Scan</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Save a session to continue exactly where you left off. Without one, corrections, measurements, names, ticks and the text of the report will still be restored when you open the scan again.</source>
        <translation>Mit einer Sitzung machen Sie später genau hier weiter. Ohne sie werden Korrekturen, Messungen, Namen, Haken und der Text des Berichts beim nächsten Öffnen des Scans trotzdem wiederhergestellt.</translation>
    </message>
    <message>
        <source>Save as template…</source>
        <translation>Als Vorlage speichern…</translation>
    </message>
    <message>
        <source>Save measurements</source>
        <translation>Messungen speichern</translation>
    </message>
    <message>
        <source>Save measurements as a structured report</source>
        <translation>Messungen als strukturierten Bericht speichern</translation>
    </message>
    <message>
        <source>Save measurements as a structured report…</source>
        <translation>Messungen als strukturierten Bericht speichern…</translation>
    </message>
    <message>
        <source>Save measurements as a table</source>
        <translation>Messungen als Tabelle speichern</translation>
    </message>
    <message>
        <source>Save measurements…</source>
        <translation>Messungen speichern…</translation>
    </message>
    <message>
        <source>Save preset</source>
        <translation>Vorgabe speichern</translation>
    </message>
    <message>
        <source>Save preset…</source>
        <translation>Vorgabe speichern…</translation>
    </message>
    <message>
        <source>Save screenshot</source>
        <translation>Bild speichern</translation>
    </message>
    <message>
        <source>Save screenshot…</source>
        <translation>Bild speichern…</translation>
    </message>
    <message>
        <source>Save session</source>
        <translation>Sitzung speichern</translation>
    </message>
    <message>
        <source>Save sessions…</source>
        <translation>Sitzungen speichern…</translation>
    </message>
    <message>
        <source>Save session…</source>
        <translation>Sitzung speichern…</translation>
    </message>
    <message>
        <source>Save settings, corrections and measurements to continue later</source>
        <translation>Einstellungen, Korrekturen und Messungen speichern, um später weiterzumachen</translation>
    </message>
    <message>
        <source>Save the current width and level under a name</source>
        <translation>Die aktuelle Breite und Mitte unter einem Namen speichern</translation>
    </message>
    <message>
        <source>Save the views as a PNG image</source>
        <translation>Die Ansichten als PNG-Bild speichern</translation>
    </message>
    <message>
        <source>Save window preset</source>
        <translation>Fenstervorgabe speichern</translation>
    </message>
    <message>
        <source>Save window preset…</source>
        <translation>Fenstervorgabe speichern…</translation>
    </message>
    <message>
        <source>Save your results</source>
        <translation>Ergebnisse speichern</translation>
    </message>
    <message>
        <source>Saved automatically on {when}</source>
        <translation>Automatisch gespeichert am {when}</translation>
    </message>
    <message>
        <source>Saved automatically on {when}, for {scan}</source>
        <translation>Automatisch gespeichert am {when}, zu {scan}</translation>
    </message>
    <message>
        <source>Saved thresholds</source>
        <translation>Gespeicherte Schwellen</translation>
    </message>
    <message>
        <source>Saved {file} to {folder}</source>
        <translation>{file} in {folder} gespeichert</translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation>Gespeichert.</translation>
    </message>
    <message>
        <source>Scan</source>
        <translation>Scan</translation>
    </message>
    <message>
        <source>Scan on the right</source>
        <translation>Rechter Scan</translation>
    </message>
    <message>
        <source>Scan on the right: {scan}</source>
        <translation>Scan rechts: {scan}</translation>
    </message>
    <message>
        <source>Scans</source>
        <translation>Scans</translation>
    </message>
    <message>
        <source>Scans and lists</source>
        <translation>Scans und Listen</translation>
    </message>
    <message>
        <source>Scans in a folder</source>
        <translation>Scans in einem Ordner</translation>
    </message>
    <message>
        <source>Scans in a folder…</source>
        <translation>Scans in einem Ordner…</translation>
    </message>
    <message>
        <source>Scans in the batch</source>
        <translation>Scans der Stapelverarbeitung</translation>
    </message>
    <message>
        <source>Scans in this folder</source>
        <translation>Scans in diesem Ordner</translation>
    </message>
    <message>
        <source>Scroll both scans together with a fixed offset; to change the offset, scroll in the right-hand view</source>
        <translation>Beide Scans mit festem Abstand gemeinsam scrollen; Scrollen in der rechten Ansicht ändert ihn</translation>
    </message>
    <message>
        <source>Scroll slices</source>
        <translation>Schichten durchblättern</translation>
    </message>
    <message>
        <source>Scroll together</source>
        <translation>Gemeinsam scrollen</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search an archive (PACS) and retrieve studies</source>
        <translation>Ein Archiv (PACS) durchsuchen und Untersuchungen abrufen</translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation>Befehle suchen</translation>
    </message>
    <message>
        <source>Search for IDs that contain {text}</source>
        <translation>IDs suchen, die {text} enthalten</translation>
    </message>
    <message>
        <source>Search with</source>
        <translation>Suchen mit</translation>
    </message>
    <message>
        <source>Searching</source>
        <translation>Suche läuft</translation>
    </message>
    <message>
        <source>Searching the archive</source>
        <translation>Archiv wird durchsucht</translation>
    </message>
    <message>
        <source>Searching {archive}…</source>
        <translation>{archive} wird durchsucht…</translation>
    </message>
    <message>
        <source>Searching {folder} for scans…</source>
        <translation>{folder} wird nach Scans durchsucht…</translation>
    </message>
    <message>
        <source>Second custom window preset</source>
        <translation>Zweite eigene Fenstervorgabe</translation>
    </message>
    <message>
        <source>Second mask</source>
        <translation>Zweite Maske</translation>
    </message>
    <message>
        <source>Seconds without a response</source>
        <translation>Sekunden ohne Antwort</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>Segmentieren</translation>
    </message>
    <message>
        <source>Segment a list of scans in the background</source>
        <translation>Eine Liste von Scans im Hintergrund segmentieren</translation>
    </message>
    <message>
        <source>Segment a list of scans in the background (Ctrl+Shift+B)</source>
        <translation>Eine Liste von Scans im Hintergrund segmentieren (Strg+Umschalt+B)</translation>
    </message>
    <message>
        <source>Segment again</source>
        <translation>Neu segmentieren</translation>
    </message>
    <message>
        <source>Segment many scans</source>
        <translation>Viele Scans segmentieren</translation>
    </message>
    <message>
        <source>Segment many scans…</source>
        <translation>Viele Scans segmentieren…</translation>
    </message>
    <message>
        <source>Segment spine</source>
        <translation>Wirbelsäule segmentieren</translation>
    </message>
    <message>
        <source>Segment the parts that were skipped</source>
        <translation>Die ausgelassenen Teile segmentieren</translation>
    </message>
    <message>
        <source>Segment the rest of the scan</source>
        <translation>Rest des Scans segmentieren</translation>
    </message>
    <message>
        <source>Segment the scan first.</source>
        <translation>Segmentieren Sie zuerst den Scan.</translation>
    </message>
    <message>
        <source>Segment the spine</source>
        <translation>Wirbelsäule segmentieren</translation>
    </message>
    <message>
        <source>Segment the spine to measure it.</source>
        <translation>Segmentieren Sie die Wirbelsäule, um sie zu messen.</translation>
    </message>
    <message>
        <source>Segment the spine to see it straightened here.</source>
        <translation>Nach dem Segmentieren sehen Sie die Wirbelsäule hier gestreckt.</translation>
    </message>
    <message>
        <source>Segment the spine to see its surface here.</source>
        <translation>Nach dem Segmentieren sehen Sie hier die Oberfläche.</translation>
    </message>
    <message>
        <source>Segment the spine to see your corrections.</source>
        <translation>Segmentieren Sie die Wirbelsäule, um Ihre Korrekturen zu sehen.</translation>
    </message>
    <message>
        <source>Segment {scan} to see the changes.</source>
        <translation>Segmentieren Sie {scan}, um die Änderungen zu sehen.</translation>
    </message>
    <message>
        <source>Segment, check, measure and export the spine in a CT scan.</source>
        <translation>Die Wirbelsäule im CT segmentieren, prüfen, vermessen und exportieren.</translation>
    </message>
    <message>
        <source>Segmentation progress</source>
        <translation>Fortschritt der Segmentierung</translation>
    </message>
    <message>
        <source>Segmentation stopped.</source>
        <translation>Segmentierung abgebrochen.</translation>
    </message>
    <message>
        <source>Segmentation stopped. The previous result has been kept.</source>
        <translation>Segmentierung abgebrochen. Das vorherige Ergebnis bleibt erhalten.</translation>
    </message>
    <message>
        <source>Segmentation threshold</source>
        <translation>Segmentierungsschwelle</translation>
    </message>
    <message>
        <source>Segmented in {time}.</source>
        <translation>Segmentiert in {time}.</translation>
    </message>
    <message>
        <source>Segmenting</source>
        <translation>Segmentieren</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Send mask, measurements, report and images as new series in the study</source>
        <translation>Maske, Messungen, Bericht und Bilder als neue Serien der Untersuchung senden</translation>
    </message>
    <message>
        <source>Send results</source>
        <translation>Ergebnisse senden</translation>
    </message>
    <message>
        <source>Send results to archive…</source>
        <translation>Ergebnisse an Archiv senden…</translation>
    </message>
    <message>
        <source>Send results to the study in the archive</source>
        <translation>Ergebnisse zur Untersuchung ins Archiv senden</translation>
    </message>
    <message>
        <source>Send with</source>
        <translation>Senden mit</translation>
    </message>
    <message numerus="yes">
        <source>Sending %n file(s)</source>
        <translation>
            <numerusform>%n Datei wird gesendet</numerusform>
            <numerusform>%n Dateien werden gesendet</numerusform>
        </translation>
    </message>
    <message>
        <source>Sending progress</source>
        <translation>Fortschritt beim Senden</translation>
    </message>
    <message>
        <source>Sending to the archive will be cancelled.</source>
        <translation>Das Senden an das Archiv wird abgebrochen.</translation>
    </message>
    <message>
        <source>Sending was stopped. The archive may already have received some of the results.</source>
        <translation>Das Senden wurde abgebrochen. Das Archiv hat vielleicht schon einen Teil der Ergebnisse erhalten.</translation>
    </message>
    <message>
        <source>Sent to {archive}: {number} of {count} results.</source>
        <translation>An {archive} gesendet: {number} von {count} Ergebnissen.</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>Serie</translation>
    </message>
    <message>
        <source>Series &apos;{description}&apos;</source>
        <translation>Serie „{description}“</translation>
    </message>
    <message>
        <source>Series in this folder</source>
        <translation>Serien in diesem Ordner</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>Sitzung</translation>
    </message>
    <message>
        <source>Session {file}, saved on {when}</source>
        <translation>Sitzung {file}, gespeichert am {when}</translation>
    </message>
    <message>
        <source>Set</source>
        <translation>Setzen</translation>
    </message>
    <message>
        <source>Set by hand</source>
        <translation>Von Hand gesetzt</translation>
    </message>
    <message>
        <source>Set by hand in the prior scan: {names}.</source>
        <translation>In der Voruntersuchung von Hand gesetzt: {names}.</translation>
    </message>
    <message>
        <source>Set up archives, the receiver and the local store</source>
        <translation>Archive, Empfänger und lokalen Speicher einrichten</translation>
    </message>
    <message>
        <source>Set width and level on the histogram</source>
        <translation>Breite und Mitte am Histogramm einstellen</translation>
    </message>
    <message>
        <source>Several series were found.</source>
        <translation>Es wurden mehrere Serien gefunden.</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Umschalt</translation>
    </message>
    <message>
        <source>Shift + move</source>
        <translation>Umschalt + bewegen</translation>
    </message>
    <message>
        <source>Shift all by the same number of days</source>
        <translation>Verschieben, alle um gleich viele Tage</translation>
    </message>
    <message>
        <source>Shift all names down</source>
        <translation>Alle Namen nach unten verschieben</translation>
    </message>
    <message>
        <source>Shift all names up</source>
        <translation>Alle Namen nach oben verschieben</translation>
    </message>
    <message>
        <source>Shift down</source>
        <translation>Nach unten verschieben</translation>
    </message>
    <message>
        <source>Shift names</source>
        <translation>Namen verschieben</translation>
    </message>
    <message>
        <source>Shift up</source>
        <translation>Nach oben verschieben</translation>
    </message>
    <message>
        <source>Shoulder joints, hips and other bone far from the spine</source>
        <translation>Schultergelenke, Hüften und andere Knochen weit entfernt von der Wirbelsäule</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message numerus="yes">
        <source>Show %n more notice(s)</source>
        <translation>
            <numerusform>%n weitere Meldung zeigen</numerusform>
            <numerusform>%n weitere Meldungen zeigen</numerusform>
        </translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation>Ordner zeigen</translation>
    </message>
    <message>
        <source>Show next</source>
        <translation>Nächstes zeigen</translation>
    </message>
    <message>
        <source>Show or hide the side panel</source>
        <translation>Das Bedienfeld zeigen oder ausblenden</translation>
    </message>
    <message>
        <source>Show patient and study above the views, and on tabs if several scans have the same file name; if this is off, folders that are named after the patient are not shown either</source>
        <translation>Patient und Untersuchung über den Ansichten und in den Reitern von Scans mit gleichem Dateinamen zeigen; ist dies aus, werden auch Ordner nicht gezeigt, die nach dem Patienten benannt sind</translation>
    </message>
    <message>
        <source>Show patient and study on screenshots</source>
        <translation>Patient und Untersuchung auf gespeicherten Bildern zeigen</translation>
    </message>
    <message>
        <source>Show patient names</source>
        <translation>Patientennamen zeigen</translation>
    </message>
    <message>
        <source>Show single slices in all other views</source>
        <translation>In allen anderen Ansichten Einzelschichten zeigen</translation>
    </message>
    <message>
        <source>Show the attention map, bone probability, disagreement or uncertainty, and the mask as an outline or filled.</source>
        <translation>Aufmerksamkeitskarte, Knochenwahrscheinlichkeit, Widerspruch oder Unsicherheit zeigen, die Maske als Umriss oder farbig gefüllt.</translation>
    </message>
    <message>
        <source>Show the next open scan beside this one; scans of one patient scroll together</source>
        <translation>Den nächsten offenen Scan neben diesem zeigen; Scans desselben Patienten scrollen gemeinsam</translation>
    </message>
    <message>
        <source>Show the next piece far from the spine</source>
        <translation>Nächstes Stück abseits der Wirbelsäule zeigen</translation>
    </message>
    <message>
        <source>Show the same vertebra in both scans, with matching plane rotation</source>
        <translation>In beiden Scans denselben Wirbel zeigen, mit gleich gedrehten Ebenen</translation>
    </message>
    <message>
        <source>Show the segmented spine</source>
        <translation>Die segmentierte Wirbelsäule zeigen</translation>
    </message>
    <message>
        <source>Show the segmented spine (M)</source>
        <translation>Die segmentierte Wirbelsäule zeigen (M)</translation>
    </message>
    <message>
        <source>Show the selected map over the scan</source>
        <translation>Die gewählte Karte über dem Scan zeigen</translation>
    </message>
    <message>
        <source>Show the selected map over the scan (H)</source>
        <translation>Die gewählte Karte über dem Scan zeigen (H)</translation>
    </message>
    <message>
        <source>Show the three planes in addition to the key images</source>
        <translation>Die drei Ebenen zusätzlich zu den Schlüsselbildern zeigen</translation>
    </message>
    <message>
        <source>Show the vertebrae in colour, with their names</source>
        <translation>Die Wirbel farbig und mit ihren Namen zeigen</translation>
    </message>
    <message>
        <source>Show the whole notice</source>
        <translation>Die ganze Meldung zeigen</translation>
    </message>
    <message>
        <source>Show what has changed compared with another open scan of the patient</source>
        <translation>Die Änderung gegenüber einem anderen offenen Scan des Patienten zeigen</translation>
    </message>
    <message>
        <source>Show where the other planes intersect this one</source>
        <translation>Zeigen, wo die anderen Ebenen diese Ebene schneiden</translation>
    </message>
    <message>
        <source>Shrink</source>
        <translation>Schrumpfen</translation>
    </message>
    <message>
        <source>Shrink by one voxel (at least 1 mm)</source>
        <translation>Um ein Voxel schrumpfen lassen (mindestens 1 mm)</translation>
    </message>
    <message>
        <source>Side panel</source>
        <translation>Bedienfeld</translation>
    </message>
    <message>
        <source>Simultaneous retrievals</source>
        <translation>Gleichzeitige Abrufe</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Size and spacing</source>
        <translation>Größe und Voxelabstand</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Überspringen</translation>
    </message>
    <message>
        <source>Skip the tour</source>
        <translation>Überspringen</translation>
    </message>
    <message>
        <source>Slab</source>
        <translation>Slab</translation>
    </message>
    <message>
        <source>Slab in the active view only</source>
        <translation>Slab nur in der aktiven Ansicht</translation>
    </message>
    <message>
        <source>Slab: single slice, MIP, mean</source>
        <translation>Slab: Einzelschicht, MIP, Mittelwert</translation>
    </message>
    <message>
        <source>Slice</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Slices</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Slices are shifted sideways by up to {largest_mm:.1f} mm relative to each other.</source>
        <translation>Schichten sind um bis zu {largest_mm:.1f} mm seitlich gegeneinander verschoben.</translation>
    </message>
    <message>
        <source>Slices are {step_mm:.0f} mm apart, so adjacent vertebrae cannot be distinguished. Several may be outlined as one, and their levels are unknown.</source>
        <translation>Die Schichten liegen {step_mm:.0f} mm auseinander; benachbarte Wirbel lassen sich nicht unterscheiden. Mehrere können als einer umrissen sein, und welche Wirbel das sind, ist unbekannt.</translation>
    </message>
    <message>
        <source>Slices are {step_mm:.0f} mm apart, so two vertebrae may be measured as one. Only HU values were measured, not lengths, volumes, angles or fracture grades.</source>
        <translation>Die Schichten haben einen Abstand von {step_mm:.0f} mm, sodass zwei Wirbel als einer gemessen werden könnten. Gemessen wurden nur HU-Werte, keine Längen, Volumina, Winkel und Frakturgrade.</translation>
    </message>
    <message numerus="yes">
        <source>Slices may be missing. {first} %n more file(s) cannot be read either.</source>
        <translation>
            <numerusform>Möglicherweise fehlen Schichten. {first} %n weitere Datei ist ebenfalls nicht lesbar.</numerusform>
            <numerusform>Möglicherweise fehlen Schichten. {first} %n weitere Dateien sind ebenfalls nicht lesbar.</numerusform>
        </translation>
    </message>
    <message>
        <source>Slip</source>
        <translation>Versatz</translation>
    </message>
    <message>
        <source>Slip relative to the vertebra below; forward is positive</source>
        <translation>Versatz gegenüber dem Wirbel darunter, nach vorn positiv</translation>
    </message>
    <message>
        <source>Slip: relative to the vertebra below; forward is positive, backward negative.</source>
        <translation>Versatz: gegenüber dem Wirbel darunter; nach vorn positiv, nach hinten negativ.</translation>
    </message>
    <message>
        <source>Slow down cine</source>
        <translation>Cine langsamer</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>Kleinerer Pinsel</translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation>Glätten</translation>
    </message>
    <message>
        <source>Smoothing (sigma)</source>
        <translation>Glättung (Sigma)</translation>
    </message>
    <message>
        <source>Smoothing the scan</source>
        <translation>Scan glätten</translation>
    </message>
    <message>
        <source>Soft tissue</source>
        <translation>Weichteil</translation>
    </message>
    <message>
        <source>Soft tissue 400/40</source>
        <translation>Weichteil 400/40</translation>
    </message>
    <message>
        <source>Some of its settings are missing or invalid.</source>
        <translation>Einige Einstellungen fehlen oder sind ungültig.</translation>
    </message>
    <message>
        <source>Some of the text was written before vertebrae were renamed ({changes}). Check the levels in findings, impression, notes and captions.</source>
        <translation>Einige Texte wurden geschrieben, bevor Wirbel umbenannt wurden ({changes}). Prüfen Sie die genannten Wirbel in Befund, Beurteilung, Notizen und Bildunterschriften.</translation>
    </message>
    <message>
        <source>Some positions have fewer than {count} slices: time points or reconstructions may be mixed.</source>
        <translation>An manchen Positionen gibt es weniger als {count} Schichten: Zeitpunkte oder Rekonstruktionen können vermischt sein.</translation>
    </message>
    <message>
        <source>Some settings were invalid and have been reset: {settings}. The previous settings file was moved to {damaged}.</source>
        <translation>Einige Einstellungen waren ungültig und wurden zurückgesetzt: {settings}. Die bisherige Datei wurde nach {damaged} verschoben.</translation>
    </message>
    <message>
        <source>Some voxels do not contain finite numbers; they are shown as air.</source>
        <translation>Einige Voxel enthalten keine endlichen Zahlen; sie werden als Luft gezeigt.</translation>
    </message>
    <message>
        <source>Sources of the HU cutoffs: {sources}.</source>
        <translation>Quellen der HU-Grenzwerte: {sources}.</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>Spacing</source>
        <translation>Voxelabstand</translation>
    </message>
    <message>
        <source>Speed up cine</source>
        <translation>Cine schneller</translation>
    </message>
    <message>
        <source>Spinal curves</source>
        <translation>Krümmungen der Wirbelsäule</translation>
    </message>
    <message>
        <source>Spine</source>
        <translation>Wirbelsäule</translation>
    </message>
    <message>
        <source>Spine panel</source>
        <translation>Bedienfeld Wirbelsäule</translation>
    </message>
    <message>
        <source>Spineviewer did not close properly. Your work was saved:</source>
        <translation>Spineviewer wurde nicht richtig beendet. Ihre Arbeit wurde gesichert:</translation>
    </message>
    <message>
        <source>Split a vertebra</source>
        <translation>Wirbel teilen</translation>
    </message>
    <message>
        <source>Split vertebra</source>
        <translation>Wirbel teilen</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Start in the vertebra that should get the piece, then drag over the piece</source>
        <translation>In dem Wirbel ansetzen, zu dem das Stück gehört, und mit dem Pinsel darüber ziehen</translation>
    </message>
    <message>
        <source>Start over</source>
        <translation>Von vorn beginnen</translation>
    </message>
    <message>
        <source>Start over, even if the folder contains earlier results</source>
        <translation>Von vorn beginnen, auch wenn der Ordner schon Ergebnisse enthält</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Start…</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Stays close to the vertebrae: no ribs; long vertebral processes may be cut off</source>
        <translation>Nah an den Wirbeln: keine Rippen; lange Wirbelfortsätze können abgeschnitten sein</translation>
    </message>
    <message>
        <source>Step-by-step instructions</source>
        <translation>Schritt-für-Schritt-Anleitung</translation>
    </message>
    <message>
        <source>Stop now; finished results are kept</source>
        <translation>Jetzt abbrechen; fertige Ergebnisse bleiben erhalten</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Stopped by an unexpected error: {kind}: {reason}. Your scan and settings were not changed.</source>
        <translation>Unerwarteter Fehler, der Vorgang wurde abgebrochen: {kind}: {reason}. Scan und Einstellungen wurden nicht verändert.</translation>
    </message>
    <message>
        <source>Stopped early. Hatched areas were not segmented; they may contain bone.</source>
        <translation>Vorzeitig abgebrochen. Schraffierte Bereiche sind nicht segmentiert; sie können Knochen enthalten.</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird abgebrochen…</translation>
    </message>
    <message>
        <source>Storage commitment; the local AE title, address and port must be registered with the archive</source>
        <translation>Storage Commitment; eigener AE-Titel, Adresse und Port müssen im Archiv eingetragen sein</translation>
    </message>
    <message>
        <source>Studies are stored in {folder}</source>
        <translation>Untersuchungen werden in {folder} gespeichert</translation>
    </message>
    <message>
        <source>Studies found</source>
        <translation>Gefundene Untersuchungen</translation>
    </message>
    <message>
        <source>Studies on this computer</source>
        <translation>Untersuchungen auf diesem Computer</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>Untersuchung</translation>
    </message>
    <message>
        <source>Study complete after</source>
        <translation>Untersuchung vollständig nach</translation>
    </message>
    <message>
        <source>Study date</source>
        <translation>Untersuchungsdatum</translation>
    </message>
    <message>
        <source>Surface</source>
        <translation>Oberfläche</translation>
    </message>
    <message>
        <source>Surface of each vertebra</source>
        <translation>Oberfläche jedes Wirbels</translation>
    </message>
    <message>
        <source>Surface view</source>
        <translation>Oberflächenansicht</translation>
    </message>
    <message>
        <source>Switch between the previous and the current thresholds</source>
        <translation>Zwischen vorherigen und aktuellen Schwellen wechseln</translation>
    </message>
    <message>
        <source>Switch off</source>
        <translation>Ausschalten</translation>
    </message>
    <message>
        <source>Switch on</source>
        <translation>Einschalten</translation>
    </message>
    <message>
        <source>Switch to the other scan at this vertebra, and back</source>
        <translation>Am selben Wirbel zwischen beiden Scans hin- und herwechseln</translation>
    </message>
    <message>
        <source>System certificates</source>
        <translation>Die des Systems</translation>
    </message>
    <message>
        <source>System language</source>
        <translation>Systemsprache</translation>
    </message>
    <message>
        <source>T1 is not graded, because its vertebral body is shaped like that of a cervical vertebra.</source>
        <translation>T1 wird nicht graduiert, weil sein Wirbelkörper wie der eines Halswirbels geformt ist.</translation>
    </message>
    <message>
        <source>Tab</source>
        <translation>Tab</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>Tabelle (*.csv)</translation>
    </message>
    <message>
        <source>Table, curves and bone density, with a sagittal image</source>
        <translation>Tabelle, Krümmungen und Knochendichte, mit einem sagittalen Bild</translation>
    </message>
    <message>
        <source>Table…</source>
        <translation>Tabelle…</translation>
    </message>
    <message>
        <source>Take a short tour of the window, with the sample scan if no scan is open</source>
        <translation>Ein kurzer Rundgang durch das Fenster, am Beispielscan, wenn keiner offen ist</translation>
    </message>
    <message>
        <source>Take the tour</source>
        <translation>Rundgang beginnen</translation>
    </message>
    <message>
        <source>Templates</source>
        <translation>Vorlagen</translation>
    </message>
    <message>
        <source>Test connection</source>
        <translation>Verbindung prüfen</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Text is correct</source>
        <translation>Text stimmt</translation>
    </message>
    <message>
        <source>Text of the note</source>
        <translation>Text der Notiz</translation>
    </message>
    <message>
        <source>Text, buttons and lines at this size; takes effect after a restart</source>
        <translation>Schrift, Schaltflächen und Linien in dieser Größe; gilt nach einem Neustart</translation>
    </message>
    <message>
        <source>The AE title of the archive at {place} is not {theirs}. Correct it in the archive settings.</source>
        <translation>Der AE-Titel des Archivs unter {place} ist nicht {theirs}. Berichtigen Sie ihn in den Archiv-Einstellungen.</translation>
    </message>
    <message>
        <source>The DICOM SEG that the report should refer to belongs to another study. Choose one from this study.</source>
        <translation>Das DICOM SEG, auf das der Bericht verweisen soll, gehört zu einer anderen Untersuchung. Wählen Sie eines aus der Untersuchung des Scans.</translation>
    </message>
    <message>
        <source>The DICOM object cannot be written ({kind}). Choose another format.</source>
        <translation>Das DICOM-Objekt kann nicht geschrieben werden ({kind}). Wählen Sie ein anderes Format.</translation>
    </message>
    <message>
        <source>The DICOM object could not be created: there was too little memory, or the helper process ended unexpectedly. Close other programs and try again.</source>
        <translation>Das DICOM-Objekt konnte nicht erstellt werden: Der Arbeitsspeicher reichte nicht, oder der Hilfsprozess wurde unerwartet beendet. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The DICOM slices no longer exist (first: {file}). Copy them back to their folder and try again.</source>
        <translation>Die DICOM-Schichten gibt es nicht mehr (die erste: {file}). Kopieren Sie sie zurück in ihren Ordner, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The Dask scheduler at {address} has no workers. Start some with: dask worker {address}</source>
        <translation>Der Dask-Scheduler unter {address} hat keine Arbeitsprozesse. Starten Sie welche mit: dask worker {address}</translation>
    </message>
    <message>
        <source>The HU cutoffs apply to T12, L1 and L2, but the levels of the vertebrae are unknown.</source>
        <translation>Die HU-Grenzwerte gelten für T12, L1 und L2, aber welche Wirbel das sind, ist unbekannt.</translation>
    </message>
    <message>
        <source>The HU cutoffs cannot be applied: L1, T12 and L2 are each fractured, not in view or not measurable.</source>
        <translation>Die HU-Grenzwerte sind nicht anwendbar: L1, T12 und L2 sind jeweils frakturiert, nicht im Bild oder nicht messbar.</translation>
    </message>
    <message>
        <source>The ROI reaches the border of the vertebral body, so its HU may include cortical bone or disc.</source>
        <translation>Die ROI reicht bis an den Rand des Wirbelkörpers. Ihre HU können deshalb Kortikalis oder Bandscheibe enthalten.</translation>
    </message>
    <message>
        <source>The Rescale Slope is negative, so bright and dark may be swapped.</source>
        <translation>Die Rescale Slope ist negativ; hell und dunkel sind vielleicht vertauscht.</translation>
    </message>
    <message>
        <source>The active scan may be of a different patient: its file does not identify the patient.</source>
        <translation>Der aktive Scan kann von einem anderen Patienten stammen: Seine Datei nennt den Patienten nicht.</translation>
    </message>
    <message>
        <source>The address of an archive must contain a host name or an IP address. Use the format dicom://AE-TITLE@HOST:PORT or https://HOST/PATH.</source>
        <translation>Die Adresse eines Archivs braucht einen Rechnernamen oder eine IP-Adresse. Verwenden Sie das Format dicom://AE-TITEL@RECHNER:PORT oder https://RECHNER/PFAD.</translation>
    </message>
    <message>
        <source>The address of an archive must not contain a user name or a password. Enter them in the archive settings (spineviewer pacs nodes --secret NAME).</source>
        <translation>Die Adresse eines Archivs darf weder Benutzernamen noch Passwort enthalten. Geben Sie sie in den Einstellungen des Archivs ein (spineviewer pacs nodes --secret NAME).</translation>
    </message>
    <message>
        <source>The affine cannot be used. Use a 4 x 4 matrix of finite numbers.</source>
        <translation>Die affine Matrix ist nicht verwendbar. Verwenden Sie eine Matrix aus 4 x 4 endlichen Zahlen.</translation>
    </message>
    <message>
        <source>The anterior height is {percent:.0f}% lower than usual for a vertebra with this posterior height.</source>
        <translation>Die Vorderkantenhöhe ist {percent:.0f} % niedriger als bei Wirbeln mit dieser Hinterkantenhöhe üblich.</translation>
    </message>
    <message>
        <source>The archive at {place} closed the connection. Try again.</source>
        <translation>Das Archiv unter {place} hat die Verbindung abgebrochen. Versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The archive at {place} does not know the local AE title {ours}. Ask its administrator to register it.</source>
        <translation>Das Archiv unter {place} kennt den AE-Titel {ours} dieses Computers nicht. Bitten Sie seinen Administrator, ihn einzutragen.</translation>
    </message>
    <message>
        <source>The archive at {place} does not support &apos;{operation}&apos;. Choose another protocol in the archive settings.</source>
        <translation>Das Archiv unter {place} unterstützt „{operation}“ nicht. Wählen Sie in den Archiv-Einstellungen ein anderes Protokoll.</translation>
    </message>
    <message>
        <source>The archive at {place} does not support C-GET. Choose C-MOVE or DICOMweb in the archive settings (--retrieve).</source>
        <translation>Das Archiv unter {place} unterstützt C-GET nicht. Wählen Sie in den Archiv-Einstellungen C-MOVE oder DICOMweb (--retrieve).</translation>
    </message>
    <message>
        <source>The archive at {place} has not responded for {seconds:.0f} s. Try again.</source>
        <translation>Das Archiv unter {place} antwortet seit {seconds:.0f} s nicht. Versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The archive at {place} is busy. Try again later.</source>
        <translation>Das Archiv unter {place} ist ausgelastet. Versuchen Sie es später erneut.</translation>
    </message>
    <message>
        <source>The archive at {place} rejected the connection. Ask its administrator whether the local AE title {ours} is registered.</source>
        <translation>Das Archiv unter {place} hat die Verbindung abgelehnt. Fragen Sie den Administrator, ob der AE-Titel {ours} dieses Computers eingetragen ist.</translation>
    </message>
    <message>
        <source>The archive cannot answer this search: {reason}. Change the search, or ask the archive&apos;s administrator.</source>
        <translation>Das Archiv kann diese Suche nicht beantworten: {reason}. Ändern Sie die Suche, oder fragen Sie den Administrator.</translation>
    </message>
    <message>
        <source>The archive cannot send the images: {reason}. Try again later, or ask its administrator.</source>
        <translation>Das Archiv kann die Bilder nicht senden: {reason}. Versuchen Sie es später erneut, oder fragen Sie den Administrator.</translation>
    </message>
    <message>
        <source>The archive did not confirm storage within {seconds:.0f} s. Check in the archive whether the images arrived, or send them again.</source>
        <translation>Das Archiv hat die Speicherung nicht innerhalb von {seconds:.0f} s bestätigt. Prüfen Sie im Archiv, ob die Bilder angekommen sind, oder senden Sie sie erneut.</translation>
    </message>
    <message>
        <source>The archive did not list the series. Expand the study again.</source>
        <translation>Das Archiv hat die Serien nicht aufgelistet. Klappen Sie die Untersuchung noch einmal auf.</translation>
    </message>
    <message>
        <source>The archive does not confirm storage: {reason}. Check in the archive whether the images arrived.</source>
        <translation>Das Archiv bestätigt die Speicherung nicht: {reason}. Prüfen Sie im Archiv, ob die Bilder angekommen sind.</translation>
    </message>
    <message>
        <source>The archive does not know the local AE title {ours} on port {port}. Ask its administrator to register this AE title with this computer&apos;s address and this port.</source>
        <translation>Das Archiv kennt den AE-Titel {ours} dieses Computers an Port {port} nicht. Bitten Sie seinen Administrator, diesen AE-Titel mit der Adresse dieses Computers und diesem Port einzutragen.</translation>
    </message>
    <message>
        <source>The archive has no images of this study or series. Search for the study again.</source>
        <translation>Das Archiv hat keine Bilder dieser Untersuchung oder Serie. Suchen Sie die Untersuchung erneut.</translation>
    </message>
    <message>
        <source>The archive responds: {times}.</source>
        <translation>Das Archiv antwortet: {times}.</translation>
    </message>
    <message>
        <source>The archive sent an image from a study that was not requested. Try again, or ask its administrator.</source>
        <translation>Das Archiv hat ein Bild aus einer nicht angeforderten Untersuchung gesendet. Versuchen Sie es erneut, oder fragen Sie den Administrator.</translation>
    </message>
    <message>
        <source>The archive sent no image to {ours} on port {port}. Check the address and port registered there for this AE title, and any firewall.</source>
        <translation>Das Archiv hat an {ours}, Port {port}, kein Bild gesendet. Prüfen Sie, welche Adresse und welcher Port dort für diesen AE-Titel eingetragen sind, und die Firewall.</translation>
    </message>
    <message>
        <source>The archive {name} cannot be used. {reason} Add it again under the same name.</source>
        <translation>Das Archiv {name} ist nicht nutzbar. {reason} Fügen Sie es unter demselben Namen neu hinzu.</translation>
    </message>
    <message>
        <source>The attention map and the bone probability belong to different scans. Segment the scan again.</source>
        <translation>Aufmerksamkeitskarte und Knochenwahrscheinlichkeit gehören zu verschiedenen Scans. Segmentieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>The attention map has {shape} cells, but the scan needs {expected}. Segment the scan again.</source>
        <translation>Die Aufmerksamkeitskarte hat {shape} Zellen, der Scan braucht {expected}. Segmentieren Sie den Scan neu.</translation>
    </message>
    <message>
        <source>The attenuation of the aorta is {hu:.0f} HU.</source>
        <translation>Die Aorta hat eine Dichte von {hu:.0f} HU.</translation>
    </message>
    <message>
        <source>The autosaved work on this scan is damaged and cannot be restored. It was moved to {file}. Segment and correct the scan again.</source>
        <translation>Die automatisch gesicherte Arbeit an diesem Scan ist beschädigt und nicht wiederherstellbar. Sie wurde nach {file} verschoben. Segmentieren und korrigieren Sie den Scan neu.</translation>
    </message>
    <message>
        <source>The batch continues in the background</source>
        <translation>Die Stapelverarbeitung läuft im Hintergrund weiter</translation>
    </message>
    <message>
        <source>The batch is running; finished results will be kept.</source>
        <translation>Die Stapelverarbeitung läuft; fertige Ergebnisse bleiben erhalten.</translation>
    </message>
    <message>
        <source>The cached network results are damaged ({kind}) and cannot be used. Segment the scan again.</source>
        <translation>Die zwischengespeicherten Ergebnisse der Netze sind beschädigt ({kind}) und lassen sich nicht verwenden. Segmentieren Sie den Scan neu.</translation>
    </message>
    <message>
        <source>The certificate file {file} does not exist. Choose another file.</source>
        <translation>Die Zertifikatsdatei {file} gibt es nicht. Wählen Sie eine andere.</translation>
    </message>
    <message>
        <source>The certificate of {place} is not trusted: {reason}. Check the address. If you trust the archive, add its certificate in the archive settings (--trust, --web-trust).</source>
        <translation>Dem Zertifikat von {place} wird nicht vertraut: {reason}. Prüfen Sie die Adresse. Wenn Sie dem Archiv vertrauen, fügen Sie sein Zertifikat in den Archiv-Einstellungen hinzu (--trust, --web-trust).</translation>
    </message>
    <message>
        <source>The certificates cannot be used ({files}). Each must be a PEM file, and keys must not be password-protected.</source>
        <translation>Die Zertifikate sind nicht brauchbar ({files}). Jedes muss eine PEM-Datei sein; Schlüssel dürfen kein Passwort haben.</translation>
    </message>
    <message>
        <source>The changes are valid only if the uncertain names are correct.</source>
        <translation>Die Änderungen gelten nur, wenn die unsicheren Namen stimmen.</translation>
    </message>
    <message>
        <source>The computation ended unexpectedly: {reason}. Close other programs and try again.</source>
        <translation>Die Berechnung endete unerwartet: {reason}. Schließen Sie andere Programme, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The computer {host} was not found. Check the address.</source>
        <translation>Der Rechner {host} wurde nicht gefunden. Prüfen Sie die Adresse.</translation>
    </message>
    <message>
        <source>The connection to the Dask scheduler was lost. Finished results were kept. Start the batch again to resume.</source>
        <translation>Die Verbindung zum Dask-Scheduler ist abgebrochen. Fertige Ergebnisse bleiben erhalten. Starten Sie die Stapelverarbeitung erneut, um fortzufahren.</translation>
    </message>
    <message>
        <source>The corrections in {file} are damaged ({kind}), so the session cannot be opened. Open the scan instead.</source>
        <translation>Die Korrekturen in {file} sind beschädigt ({kind}), daher lässt sich die Sitzung nicht öffnen. Öffnen Sie stattdessen den Scan.</translation>
    </message>
    <message>
        <source>The corrections in {file} are damaged, so the session cannot be opened. Open the scan instead.</source>
        <translation>Die Korrekturen in {file} sind beschädigt, daher lässt sich die Sitzung nicht öffnen. Öffnen Sie stattdessen den Scan.</translation>
    </message>
    <message>
        <source>The corrections in {file} belong to another scan, so the session cannot be opened. Open the scan instead.</source>
        <translation>Die Korrekturen in {file} gehören zu einem anderen Scan, daher lässt sich die Sitzung nicht öffnen. Öffnen Sie stattdessen den Scan.</translation>
    </message>
    <message>
        <source>The default shortcut is used by another command. Remove it from that command first.</source>
        <translation>Das Standardkürzel gehört zu einem anderen Befehl. Entfernen Sie es zuerst bei diesem Befehl.</translation>
    </message>
    <message>
        <source>The default thresholds and sigma (Ctrl+D)</source>
        <translation>Die Standardwerte für Schwellen und Sigma (Strg+D)</translation>
    </message>
    <message>
        <source>The direction of a grid axis is not a unit vector. Export the scan again.</source>
        <translation>Die Richtung einer Gitterachse ist kein Einheitsvektor. Exportieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>The disk that contains {folder} is full. Free some space and try again.</source>
        <translation>Der Datenträger mit {folder} ist voll. Schaffen Sie Platz, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The distance between slices is uneven: {min_mm:.2f} to {max_mm:.2f} mm, usually {usual_step_mm:.2f} mm (slices may be missing).</source>
        <translation>Der Schichtabstand ist ungleichmäßig: {min_mm:.2f} bis {max_mm:.2f} mm, meist {usual_step_mm:.2f} mm (vielleicht fehlen Schichten).</translation>
    </message>
    <message>
        <source>The export of {file} will be cancelled.</source>
        <translation>Der Export von {file} wird abgebrochen.</translation>
    </message>
    <message>
        <source>The file contains only a few different values, all whole numbers ({low:.4g} to {high:.4g}), like a mask or a label map: these are not HU. Open the scan itself, and use &apos;Compare with a mask&apos; for this file.</source>
        <translation>Die Datei enthält nur wenige verschiedene Werte, alle ganzzahlig ({low:.4g} bis {high:.4g}), wie eine Maske oder Labelkarte: Das sind keine HU. Öffnen Sie den Scan selbst, und verwenden Sie für diese Datei „Mit einer Maske vergleichen“.</translation>
    </message>
    <message>
        <source>The file contains two voxel sizes: {size} mm in its orientation matrix (sform or qform), which is used, and {other} mm in its voxel-size field (pixdim). To check, measure a structure of known size.</source>
        <translation>Die Datei enthält zwei Voxelgrößen: {size} mm in der Orientierungsmatrix (sform oder qform), die verwendet wird, und {other} mm im Feld für die Voxelgröße (pixdim). Messen Sie zur Kontrolle eine Struktur bekannter Größe.</translation>
    </message>
    <message>
        <source>The file does not mention contrast medium, and the aorta could not be measured.</source>
        <translation>In der Datei ist kein Kontrastmittel angegeben, und die Aorta ließ sich nicht messen.</translation>
    </message>
    <message>
        <source>The file does not say whether contrast medium was given, and the aorta could not be measured.</source>
        <translation>Die Datei enthält keine Angabe zum Kontrastmittel, und die Aorta ließ sich nicht messen.</translation>
    </message>
    <message>
        <source>The file does not specify a rescale slope and intercept, so its values may not be Hounsfield units.</source>
        <translation>Der Datei fehlen Rescale Slope und Intercept; ihre Werte sind vielleicht keine Hounsfield-Einheiten.</translation>
    </message>
    <message>
        <source>The file does not specify a valid slice thickness; 1 mm is assumed.</source>
        <translation>Die Datei enthält keine gültige Schichtdicke; 1 mm wird angenommen.</translation>
    </message>
    <message>
        <source>The file does not state a voxel size; 1 mm is assumed. Lengths and volumes are not reliable.</source>
        <translation>Die Datei gibt keine Voxelgröße an; 1 mm wird angenommen. Längen und Volumina sind nicht verlässlich.</translation>
    </message>
    <message>
        <source>The file does not state the orientation of the scan: left and right, front and back, head and foot are unknown. Do not read sides or levels from this scan. Only the HU values of vertebral bodies are measured.</source>
        <translation>Die Datei enthält keine Angabe zur Orientierung des Scans; links und rechts, vorn und hinten, Kopf und Fuß sind unbekannt. Entnehmen Sie diesem Scan weder Seitenangaben noch Wirbeletagen. Gemessen werden nur die HU-Werte der Wirbelkörper.</translation>
    </message>
    <message>
        <source>The file does not state the orientation, so front, back, left and right are unknown. Only HU values were measured, not lengths, volumes, angles or fracture grades.</source>
        <translation>Die Datei enthält keine Angabe zur Orientierung; vorn, hinten, links und rechts sind unbekannt. Gemessen wurden nur HU-Werte, keine Längen, Volumina, Winkel und Frakturgrade.</translation>
    </message>
    <message>
        <source>The file does not state the orientation, so the vertebrae may be named from the wrong end. Check the names.</source>
        <translation>Die Datei enthält keine Angabe zur Orientierung; die Wirbel könnten vom falschen Ende aus benannt sein. Prüfen Sie die Namen.</translation>
    </message>
    <message>
        <source>The file does not state the orientation, so {first} to {last} may be named from the wrong end. Check the names.</source>
        <translation>Die Datei enthält keine Angabe zur Orientierung; {first} bis {last} könnten vom falschen Ende aus benannt sein. Prüfen Sie die Namen.</translation>
    </message>
    <message>
        <source>The file does not state the patient&apos;s position. CT is usually acquired with the patient supine; angles are then smaller than in a standing patient.</source>
        <translation>Die Datei enthält keine Angabe zur Patientenlagerung. Ein CT wird meist in Rückenlage aufgenommen; Winkel sind dann kleiner als im Stehen.</translation>
    </message>
    <message>
        <source>The file does not state the tube voltage. The HU cutoffs apply to 120 kV.</source>
        <translation>Die Datei enthält keine Angabe zur Röhrenspannung. Die HU-Grenzwerte gelten für 120 kV.</translation>
    </message>
    <message>
        <source>The file mentions contrast medium.</source>
        <translation>In der Datei ist ein Kontrastmittel angegeben.</translation>
    </message>
    <message>
        <source>The file&apos;s two orientations (sform, qform) differ by up to {apart:.1f} mm; the sform is used.</source>
        <translation>Die beiden Orientierungen der Datei (sform, qform) weichen um bis zu {apart:.1f} mm voneinander ab; verwendet wird sform.</translation>
    </message>
    <message numerus="yes">
        <source>The files are from %n patient(s), so they cannot share one new name. Leave the name empty: each patient then gets a number.</source>
        <translation>
            <numerusform>Die Dateien sind von %n Patienten und können keinen gemeinsamen neuen Namen bekommen. Ohne Namen bekommt jeder Patient eine Nummer.</numerusform>
            <numerusform>Die Dateien sind von %n Patienten und können keinen gemeinsamen neuen Namen bekommen. Ohne Namen bekommt jeder Patient eine Nummer.</numerusform>
        </translation>
    </message>
    <message>
        <source>The files contain placeholder positions: they start at 0, 0, 0 without a frame of reference.</source>
        <translation>Die Positionen in den Dateien sind nur Platzhalter: Sie beginnen bei 0, 0, 0 ohne Bezugssystem.</translation>
    </message>
    <message>
        <source>The files could not be anonymised: there was too little memory, or the helper process ended unexpectedly. Close other programs and try again.</source>
        <translation>Die Dateien konnten nicht anonymisiert werden: Der Arbeitsspeicher reichte nicht, oder der Hilfsprozess wurde unerwartet beendet. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The files do not identify the patient. Make sure that both scans are of the same person.</source>
        <translation>Die Dateien nennen keinen Patienten. Vergewissern Sie sich, dass beide Scans von derselben Person stammen.</translation>
    </message>
    <message>
        <source>The files do not say whether the two scans are of the same patient</source>
        <translation>Aus den Dateien geht nicht hervor, ob beide Scans vom selben Patienten stammen</translation>
    </message>
    <message>
        <source>The folder does not exist yet. It will be created.</source>
        <translation>Den Ordner gibt es noch nicht. Er wird angelegt.</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be created: {reason}. Choose another folder.</source>
        <translation>Der Ordner {folder} kann nicht angelegt werden: {reason}. Wählen Sie einen anderen.</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be listed: {reason}. Check its permissions, or choose another folder.</source>
        <translation>Der Inhalt des Ordners {folder} kann nicht gelesen werden: {reason}. Prüfen Sie die Zugriffsrechte, oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>The gantry was tilted by {tilt_deg:.1f}°, so the slices are not perpendicular to the stacking direction.</source>
        <translation>Die Gantry war um {tilt_deg:.1f}° gekippt; die Schichten stehen nicht senkrecht zur Stapelrichtung.</translation>
    </message>
    <message>
        <source>The gantry was tilted by {tilt_deg:.1f}°. The slices were shifted to form a rectangular volume (interpolated within each slice). Exports use the original tilted slices; some programs reject NIfTI files with a tilted grid.</source>
        <translation>Die Gantry war um {tilt_deg:.1f}° gekippt. Die Schichten wurden zu einem rechtwinkligen Volumen verschoben (innerhalb jeder Schicht interpoliert). Exportiert wird auf die ursprünglichen gekippten Schichten; manche Programme lesen NIfTI-Dateien mit gekipptem Gitter nicht.</translation>
    </message>
    <message>
        <source>The grid&apos;s axes are not at right angles (sheared, for example by a tilted gantry). Export the scan again without shearing.</source>
        <translation>Die Gitterachsen stehen nicht rechtwinklig zueinander (geschert, etwa durch eine gekippte Gantry). Exportieren Sie den Scan erneut, ohne Scherung.</translation>
    </message>
    <message>
        <source>The height loss of {percent:.0f}% is just below grade 1. Check for a fracture.</source>
        <translation>Der Höhenverlust von {percent:.0f} % liegt knapp unter Grad 1. Auf eine Fraktur prüfen.</translation>
    </message>
    <message>
        <source>The height loss of {percent:.0f}% ± {uncertainty:.0f}% is close to {limit:.0f}%, so grade {other} is also possible.</source>
        <translation>Der Höhenverlust von {percent:.0f} % ± {uncertainty:.0f} % liegt nahe bei {limit:.0f} %; Grad {other} ist daher ebenfalls möglich.</translation>
    </message>
    <message>
        <source>The height loss of {percent:.1f}% is below 20%, but the vertebra is graded 1 because {level} is fractured.</source>
        <translation>Der Höhenverlust von {percent:.1f} % liegt unter 20 %; der Wirbel wird aber als Grad 1 eingestuft, weil {level} frakturiert ist.</translation>
    </message>
    <message>
        <source>The height of {level} is {percent:.0f}% less than expected from its neighbours. Check for a fracture.</source>
        <translation>Die Höhe von {level} ist {percent:.0f} % geringer, als die Nachbarwirbel erwarten lassen. Auf eine Fraktur prüfen.</translation>
    </message>
    <message>
        <source>The heights of C2 are not measured, because the dens takes the place of its superior endplate.</source>
        <translation>Bei C2 werden keine Höhen gemessen, weil an der Stelle der Deckplatte der Dens sitzt.</translation>
    </message>
    <message>
        <source>The helper process for archives ended unexpectedly: there was too little memory, or it was stopped. Close other programs and try again.</source>
        <translation>Der Hilfsprozess für Archive wurde unerwartet beendet: Der Arbeitsspeicher reichte nicht, oder der Prozess wurde gestoppt. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The helper process {module} ended: {ending}.</source>
        <translation>Der Hilfsprozess {module} wurde beendet: {ending}.</translation>
    </message>
    <message>
        <source>The image is divided into {count} files, and some are missing (part numbers: {parts}). Copy or retrieve the series again.</source>
        <translation>Das Bild ist auf {count} Dateien verteilt, von denen einige fehlen (Nummern der Teile: {parts}). Kopieren Sie die Serie erneut, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>The images have only 8 bits per pixel, so HU values are coarse.</source>
        <translation>Die Bilder haben nur 8 Bit je Pixel; die HU-Werte sind grob gestuft.</translation>
    </message>
    <message>
        <source>The images were compressed with a lossy method, so HU values are inexact.</source>
        <translation>Die Bilder wurden verlustbehaftet komprimiert; die HU-Werte sind ungenau.</translation>
    </message>
    <message>
        <source>The labelling parameters in {file} cannot be read ({reason}). Install Spineviewer again.</source>
        <translation>Die Parameter der Wirbelbenennung in {file} sind nicht lesbar ({reason}). Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>The labelling parameters in {file} cannot be used ({reason}). Install Spineviewer again.</source>
        <translation>Die Parameter der Wirbelbenennung in {file} sind nicht brauchbar ({reason}). Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>The last row of the affine must be 0, 0, 0, 1. Check whether it is transposed.</source>
        <translation>Die letzte Zeile der affinen Matrix muss 0, 0, 0, 1 sein. Prüfen Sie, ob die Matrix transponiert ist.</translation>
    </message>
    <message>
        <source>The left side of the vertebral body is {mm:.1f} mm ({percent:.0f}%) shorter than the right side.</source>
        <translation>Die linke Seite des Wirbelkörpers ist {mm:.1f} mm ({percent:.0f} %) niedriger als die rechte.</translation>
    </message>
    <message>
        <source>The levels are unknown, and the names are only a best guess. If you know the level of one vertebra, set its name.</source>
        <translation>Welche Wirbel das sind, ist unbekannt; die Namen sind nur eine Vermutung. Wenn Sie einen der Wirbel sicher kennen, legen Sie seinen Namen fest.</translation>
    </message>
    <message>
        <source>The levels of the vertebrae are unknown, so the names may be wrong.</source>
        <translation>Um welche Wirbel es sich handelt, ist unbekannt. Die Namen können daher falsch sein.</translation>
    </message>
    <message>
        <source>The levels of the vertebrae are unknown. By vertebral size and spacing alone, {first} to {last} is the best guess, with a probability of {probability}. If you know the level of one vertebra, set its name.</source>
        <translation>Welche Wirbel das sind, ist unbekannt. Allein nach Größe und Abstand der Wirbel ist {first} bis {last} die beste Vermutung, mit einer Wahrscheinlichkeit von {probability}. Wenn Sie einen der Wirbel sicher kennen, legen Sie seinen Namen fest.</translation>
    </message>
    <message>
        <source>The list of recent scans was cleared.</source>
        <translation>Die Liste der zuletzt geöffneten Scans wurde geleert.</translation>
    </message>
    <message>
        <source>The mask contains too little of the spine to find its centre line.</source>
        <translation>Die Maske enthält zu wenig Wirbelsäule, um ihre Mittellinie zu finden.</translation>
    </message>
    <message>
        <source>The mask from the file that you chose</source>
        <translation>Die Maske aus der gewählten Datei</translation>
    </message>
    <message>
        <source>The mask is empty, so it has no surface. Lower the thresholds, or segment the scan first.</source>
        <translation>Die Maske ist leer und hat deshalb keine Oberfläche. Senken Sie die Schwellen, oder segmentieren Sie zuerst den Scan.</translation>
    </message>
    <message>
        <source>The mask is no longer stored. Segment the spine again.</source>
        <translation>Die Maske ist nicht mehr gespeichert. Segmentieren Sie die Wirbelsäule neu.</translation>
    </message>
    <message>
        <source>The mask of {level} may include part of {neighbours}.</source>
        <translation>Die Maske von {level} enthält möglicherweise einen Teil von {neighbours}.</translation>
    </message>
    <message>
        <source>The mask shows no arch behind this vertebral body.</source>
        <translation>Die Maske zeigt hinter diesem Wirbelkörper keinen Wirbelbogen.</translation>
    </message>
    <message>
        <source>The mask shows no bone where {names} should be. Lower the segmentation threshold, or add the bone by hand.</source>
        <translation>Die Maske zeigt keinen Knochen an der Stelle von {names}. Senken Sie die Segmentierungsschwelle, oder ergänzen Sie den Knochen von Hand.</translation>
    </message>
    <message>
        <source>The mask shows no disc space between some vertebrae, so they may be counted wrongly. Check the names, and split or merge vertebrae if needed.</source>
        <translation>In der Maske fehlt zwischen einigen Wirbeln der Zwischenwirbelraum; sie können deshalb falsch gezählt sein. Prüfen Sie die Namen, und teilen Sie bei Bedarf Wirbel oder führen Sie sie zusammen.</translation>
    </message>
    <message>
        <source>The mask touches the edge of the scan, so its volume is incomplete.</source>
        <translation>Die Maske berührt den Rand des Scans; ihr Volumen ist unvollständig.</translation>
    </message>
    <message>
        <source>The middle height is {percent:.0f}% lower than usual for a vertebra with these anterior and posterior heights.</source>
        <translation>Die mittlere Höhe ist {percent:.0f} % niedriger als bei Wirbeln mit dieser Vorder- und Hinterkantenhöhe üblich.</translation>
    </message>
    <message>
        <source>The model was trained with preprocessing that this version of Spineviewer does not support ({reason}). Install the version that the model was made for.</source>
        <translation>Das Modell wurde mit einer Vorverarbeitung trainiert, die diese Version von Spineviewer nicht kennt ({reason}). Installieren Sie die Version, für die das Modell bestimmt ist.</translation>
    </message>
    <message>
        <source>The model&apos;s configuration specifies int8 but lacks the value ranges for it. Publish the weights again.</source>
        <translation>Die Konfiguration des Modells verlangt int8, enthält aber dessen Bereiche nicht. Veröffentlichen Sie die Gewichte neu.</translation>
    </message>
    <message>
        <source>The model&apos;s configuration {file} cannot be read ({reason}). Install Spineviewer again.</source>
        <translation>Die Konfiguration des Modells {file} ist nicht lesbar ({reason}). Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>The names are uncertain. Check them, and shift them by one level if needed.</source>
        <translation>Die Namen sind unsicher. Prüfen Sie sie, und verschieben Sie sie bei Bedarf um einen Wirbel.</translation>
    </message>
    <message>
        <source>The names cannot be shifted: they would run past the end of the spine. Shift them the other way, or name one vertebra.</source>
        <translation>Die Namen lassen sich nicht verschieben: Sie würden über das Ende der Wirbelsäule hinausreichen. Verschieben Sie sie in die andere Richtung, oder benennen Sie einen Wirbel.</translation>
    </message>
    <message>
        <source>The names now imply an anomaly that they did not imply before: {anomalies}. If the scan does not show this anomaly, undo the change.</source>
        <translation>Aus den Namen folgt jetzt eine Anomalie, die vorher nicht aus ihnen folgte: {anomalies}. Zeigt der Scan diese Anomalie nicht, machen Sie die Änderung rückgängig.</translation>
    </message>
    <message>
        <source>The names of the vertebrae are uncertain: the probability that {first} to {last} is correct is {probability}. Check the names.</source>
        <translation>Die Namen der Wirbel sind unsicher: {first} bis {last} stimmt mit einer Wahrscheinlichkeit von {probability}. Prüfen Sie die Namen.</translation>
    </message>
    <message>
        <source>The names were not changed. With {names}, the vertebrae would not be consecutive. Choose another name; names run from {first} to {last}.</source>
        <translation>Die Namen wurden nicht geändert. Mit {names} ergäbe sich keine lückenlose Folge. Wählen Sie einen anderen Namen; die Namen reichen von {first} bis {last}.</translation>
    </message>
    <message>
        <source>The oldest studies are deleted to make room for new ones</source>
        <translation>Die ältesten Untersuchungen werden gelöscht, um Platz für neue zu schaffen</translation>
    </message>
    <message>
        <source>The orientation of the active scan is unknown.</source>
        <translation>Die Orientierung des aktiven Scans ist unbekannt.</translation>
    </message>
    <message>
        <source>The orientation of this scan is unknown.</source>
        <translation>Die Orientierung dieses Scans ist unbekannt.</translation>
    </message>
    <message>
        <source>The orientation that the file states is probably wrong, so only HU values were measured, not lengths, volumes, angles or fracture grades.</source>
        <translation>Die in der Datei angegebene Orientierung ist wahrscheinlich falsch. Gemessen wurden deshalb nur HU-Werte, keine Längen, Volumina, Winkel und Frakturgrade.</translation>
    </message>
    <message>
        <source>The padding value in the file is within the range of ordinary tissue; it was not replaced.</source>
        <translation>Der Füllwert in der Datei liegt im Bereich von gewöhnlichem Gewebe; er wurde nicht ersetzt.</translation>
    </message>
    <message>
        <source>The password would be sent to {host} without encryption. Use an https address.</source>
        <translation>Das Passwort würde unverschlüsselt an {host} gesendet. Benutzen Sie eine https-Adresse.</translation>
    </message>
    <message>
        <source>The patient was in the left lateral decubitus position. Angles differ from those in a standing patient.</source>
        <translation>Der Patient lag auf der linken Seite. Winkel weichen von denen im Stehen ab.</translation>
    </message>
    <message>
        <source>The patient was in the right lateral decubitus position. Angles differ from those in a standing patient.</source>
        <translation>Der Patient lag auf der rechten Seite. Winkel weichen von denen im Stehen ab.</translation>
    </message>
    <message>
        <source>The patient was prone. Angles differ from those in a standing patient.</source>
        <translation>Der Patient lag auf dem Bauch. Winkel weichen von denen im Stehen ab.</translation>
    </message>
    <message>
        <source>The patient was supine. Angles are smaller than in a standing patient.</source>
        <translation>Der Patient lag auf dem Rücken. Winkel sind kleiner als im Stehen.</translation>
    </message>
    <message>
        <source>The period {text} ends before it begins. Enter the earlier date first.</source>
        <translation>Der Zeitraum {text} endet, bevor er beginnt. Geben Sie das frühere Datum zuerst ein.</translation>
    </message>
    <message>
        <source>The position or spacing of the voxels contains a number that is not finite. Export the scan again.</source>
        <translation>Position oder Abstand der Voxel enthält eine nicht endliche Zahl. Exportieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>The preset {name} was deleted.</source>
        <translation>Die Vorgabe {name} wurde gelöscht.</translation>
    </message>
    <message>
        <source>The prior value was set by hand.</source>
        <translation>Der Wert der Voruntersuchung wurde von Hand gesetzt.</translation>
    </message>
    <message>
        <source>The program&apos;s folder &apos;{name}&apos; is missing: the installation is incomplete. Install Spineviewer again.</source>
        <translation>Der Programmordner „{name}“ fehlt: Die Installation ist unvollständig. Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>The receiver is listening as {title} at {host}, port {port}.</source>
        <translation>Der Empfänger ist als {title} unter {host}, Port {port}, erreichbar.</translation>
    </message>
    <message>
        <source>The receiver is listening as {title} on port {port}. Only this computer can connect.</source>
        <translation>Der Empfänger ist als {title} an Port {port} erreichbar, nur von diesem Computer aus.</translation>
    </message>
    <message>
        <source>The receiver is off.</source>
        <translation>Der Empfänger ist aus.</translation>
    </message>
    <message>
        <source>The receiver is starting…</source>
        <translation>Der Empfänger startet…</translation>
    </message>
    <message>
        <source>The report already has {count} key images. Remove one first.</source>
        <translation>Der Bericht hat schon {count} Schlüsselbilder. Entfernen Sie zuerst eines.</translation>
    </message>
    <message>
        <source>The report is not a PDF. Save the report as PDF first.</source>
        <translation>Der Bericht ist kein PDF. Speichern Sie den Bericht zuerst als PDF.</translation>
    </message>
    <message>
        <source>The report is outdated, because its content has changed: {files}.</source>
        <translation>Der Bericht ist veraltet, weil sich sein Inhalt geändert hat: {files}.</translation>
    </message>
    <message>
        <source>The report on {file} will not be written.</source>
        <translation>Der Bericht zu {file} wird nicht geschrieben.</translation>
    </message>
    <message>
        <source>The report will be written once names and measurements are up to date.</source>
        <translation>Der Bericht wird geschrieben, sobald Namen und Messwerte auf dem neuesten Stand sind.</translation>
    </message>
    <message>
        <source>The report will name neither the patient nor the file.</source>
        <translation>Der Bericht wird weder den Patienten noch die Datei nennen.</translation>
    </message>
    <message>
        <source>The rest of the scan will be segmented first</source>
        <translation>Der Rest des Scans wird zuerst segmentiert</translation>
    </message>
    <message>
        <source>The right side of the vertebral body is {mm:.1f} mm ({percent:.0f}%) shorter than the left side.</source>
        <translation>Die rechte Seite des Wirbelkörpers ist {mm:.1f} mm ({percent:.0f} %) niedriger als die linke.</translation>
    </message>
    <message>
        <source>The scan used by session {file} was not found at {there} or {beside}. Copy the scan next to the session file.</source>
        <translation>Der Scan zur Sitzung {file} wurde weder unter {there} noch unter {beside} gefunden. Kopieren Sie den Scan neben die Sitzungsdatei.</translation>
    </message>
    <message>
        <source>The scan used by session {file} was not found at {there}. Copy the scan next to the session file.</source>
        <translation>Der Scan zur Sitzung {file} wurde nicht unter {there} gefunden. Kopieren Sie den Scan neben die Sitzungsdatei.</translation>
    </message>
    <message>
        <source>The scans are segmented one after another. You can keep working. An interrupted batch resumes where it stopped.</source>
        <translation>Die Scans werden nacheinander segmentiert. Sie können weiterarbeiten. Ein unterbrochener Stapel wird dort fortgesetzt, wo er aufgehört hat.</translation>
    </message>
    <message>
        <source>The screenshot was copied to the clipboard.</source>
        <translation>Das Bild wurde in die Zwischenablage kopiert.</translation>
    </message>
    <message>
        <source>The search in the archive will be cancelled.</source>
        <translation>Die Suche im Archiv wird abgebrochen.</translation>
    </message>
    <message numerus="yes">
        <source>The segmentation of %n scan(s) is not saved.</source>
        <translation>
            <numerusform>Die Segmentierung von %n Scan ist nicht gespeichert.</numerusform>
            <numerusform>Die Segmentierung von %n Scans ist nicht gespeichert.</numerusform>
        </translation>
    </message>
    <message>
        <source>The segmentation of {file} will be cancelled.</source>
        <translation>Die Segmentierung von {file} wird abgebrochen.</translation>
    </message>
    <message>
        <source>The segmented spine, corrections included</source>
        <translation>Die segmentierte Wirbelsäule, mit Korrekturen</translation>
    </message>
    <message>
        <source>The selected tool (window/level by default)</source>
        <translation>Das gewählte Werkzeug (anfangs Fensterung)</translation>
    </message>
    <message>
        <source>The series</source>
        <translation>Die Serie</translation>
    </message>
    <message>
        <source>The series combines {count} acquisitions. The patient may have moved between them.</source>
        <translation>Die Serie fasst {count} Akquisitionen zusammen. Dazwischen kann sich der Patient bewegt haben.</translation>
    </message>
    <message>
        <source>The series contains {count} sets of slices (time points, phases or reconstructions) of the same region: their slices share positions or alternate.</source>
        <translation>Die Serie enthält {count} Schichtstapel (Zeitpunkte, Phasen oder Rekonstruktionen) derselben Region: Ihre Schichten teilen sich Positionen oder wechseln sich ab.</translation>
    </message>
    <message>
        <source>The session belongs to another scan: this scan contains different values. Nothing was restored.</source>
        <translation>Die Sitzung gehört zu einem anderen Scan: Die Werte stimmen nicht überein. Nichts wurde wiederhergestellt.</translation>
    </message>
    <message>
        <source>The session was saved with different networks, so the mask may differ from the saved one.</source>
        <translation>Die Sitzung wurde mit anderen Netzen gespeichert: Die Maske kann von der gespeicherten abweichen.</translation>
    </message>
    <message>
        <source>The session {file} cannot be read: {reason}. Check its permissions, or open the scan instead.</source>
        <translation>Die Sitzung {file} ist nicht lesbar: {reason}. Prüfen Sie die Zugriffsrechte, oder öffnen Sie stattdessen den Scan.</translation>
    </message>
    <message>
        <source>The session {file} is damaged ({kind}) and cannot be opened. Open the scan instead.</source>
        <translation>Die Sitzung {file} ist beschädigt ({kind}) und lässt sich nicht öffnen. Öffnen Sie stattdessen den Scan.</translation>
    </message>
    <message>
        <source>The session {path} no longer exists. If it was moved, open it at its new location; otherwise, open the scan instead.</source>
        <translation>Die Sitzung {path} gibt es nicht mehr. Falls sie verschoben wurde, öffnen Sie sie am neuen Ort; andernfalls öffnen Sie den Scan.</translation>
    </message>
    <message>
        <source>The settings file was damaged. It was moved to {damaged}, and the default settings are used.</source>
        <translation>Die Einstellungsdatei war beschädigt. Sie wurde nach {damaged} verschoben; es gelten die Standardeinstellungen.</translation>
    </message>
    <message>
        <source>The slices contain {attributes} in a form that DICOM does not allow. These attributes are empty in the DICOM object.</source>
        <translation>Die Schichten enthalten {attributes} in einer Form, die DICOM nicht erlaubt. Diese Attribute bleiben im DICOM-Objekt leer.</translation>
    </message>
    <message>
        <source>The slices do not declare their character set. Check the patient&apos;s name and other patient information in the DICOM object.</source>
        <translation>Die Schichten geben den Zeichensatz ihrer Texte nicht an. Prüfen Sie den Namen des Patienten und die übrigen Textangaben zum Patienten im DICOM-Objekt.</translation>
    </message>
    <message>
        <source>The slices do not state their pixel spacing (first: {file}). Choose another series, or export this one again.</source>
        <translation>Die Schichten geben ihren Pixelabstand nicht an (die erste: {file}). Wählen Sie eine andere Serie, oder exportieren Sie diese neu.</translation>
    </message>
    <message>
        <source>The slices have {count} different Frames of Reference: according to the DICOM standard, their positions are unrelated. Order, distances and lengths may be wrong.</source>
        <translation>Die Schichten haben {count} verschiedene Bezugssysteme (Frames of Reference): Laut DICOM-Standard stehen ihre Positionen in keinem Zusammenhang. Reihenfolge, Abstände und Längen können falsch sein.</translation>
    </message>
    <message>
        <source>The slices were resampled to equal spacing; exports use the resampled grid, not the original slices.</source>
        <translation>Die Schichten wurden mit gleichen Abständen neu abgetastet. Exporte verwenden dieses Gitter, nicht die ursprünglichen Schichten.</translation>
    </message>
    <message>
        <source>The slices&apos; Frame of Reference UID is longer than DICOM allows: other programs could not read a report with it. Save the table instead.</source>
        <translation>Die Frame of Reference UID der Schichten ist länger, als DICOM erlaubt: Andere Programme könnten einen Bericht damit nicht lesen. Speichern Sie stattdessen die Tabelle.</translation>
    </message>
    <message>
        <source>The slices&apos; orientation {orientation} does not contain unit vectors. Export or retrieve the series again.</source>
        <translation>Die Orientierung der Schichten {orientation} enthält keine Einheitsvektoren. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>The slices&apos; positions are rounded: the distances between them appear to be {min_mm:.2f} to {max_mm:.2f} mm and were taken as equal ({step_mm:.3f} mm).</source>
        <translation>Die Positionen der Schichten sind gerundet: Ihre Abstände betragen scheinbar {min_mm:.2f} bis {max_mm:.2f} mm und wurden als gleich angenommen ({step_mm:.3f} mm).</translation>
    </message>
    <message>
        <source>The slices&apos; row and column directions are not at right angles. Export or retrieve the series again.</source>
        <translation>Zeilen- und Spaltenrichtung der Schichten stehen nicht rechtwinklig zueinander. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>The slices&apos; {name} is longer than DICOM allows: other programs could not read a report with it. Save the table instead.</source>
        <translation>Die {name} der Schichten ist länger, als DICOM erlaubt: Andere Programme könnten einen Bericht damit nicht lesen. Speichern Sie stattdessen die Tabelle.</translation>
    </message>
    <message>
        <source>The spine seems to be upside down, so the orientation that the file states is probably wrong. Do not rely on names or directions until you have checked it.</source>
        <translation>Die Wirbelsäule scheint auf dem Kopf zu stehen; die in der Datei angegebene Orientierung ist also wahrscheinlich falsch. Verlassen Sie sich nicht auf Namen und Richtungen, bevor Sie sie geprüft haben.</translation>
    </message>
    <message>
        <source>The spine straightened along its centre line</source>
        <translation>Die Wirbelsäule entlang ihrer Mittellinie gestreckt</translation>
    </message>
    <message>
        <source>The stored settings of the receiver cannot be used, so the defaults apply. {reason}</source>
        <translation>Die gespeicherten Einstellungen des Empfängers sind nicht verwendbar; es gelten die Standardwerte. {reason}</translation>
    </message>
    <message>
        <source>The study needs {needed_mb:.0f} MB, but the local store is limited to {max_mb:.0f} MB, and {held_mb:.0f} MB of it is in use. Close scans, or raise the limit.</source>
        <translation>Die Untersuchung braucht {needed_mb:.0f} MB, der lokale Speicher ist aber auf {max_mb:.0f} MB begrenzt, und davon sind {held_mb:.0f} MB in Gebrauch. Schließen Sie Scans, oder erhöhen Sie die Grenze.</translation>
    </message>
    <message>
        <source>The study needs {needed_mb:.0f} MB, but the local store is limited to {max_mb:.0f} MB. Raise the limit.</source>
        <translation>Die Untersuchung braucht {needed_mb:.0f} MB, der lokale Speicher ist aber auf {max_mb:.0f} MB begrenzt. Erhöhen Sie die Grenze.</translation>
    </message>
    <message>
        <source>The study {uid} is open in Spineviewer. Close it first.</source>
        <translation>Die Untersuchung {uid} ist in Spineviewer geöffnet. Schließen Sie sie zuerst.</translation>
    </message>
    <message>
        <source>The surface could not be computed: there was too little memory, or the helper process ended unexpectedly. Close other programs and try again.</source>
        <translation>Die Oberfläche konnte nicht berechnet werden: Der Arbeitsspeicher reichte nicht, oder der Hilfsprozess wurde unerwartet beendet. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The system&apos;s credential store is not responding. Unlock it, or set the environment variable {variable} before you start Spineviewer.</source>
        <translation>Der Schlüsselbund des Systems antwortet nicht. Entsperren Sie ihn, oder setzen Sie die Umgebungsvariable {variable}, bevor Sie Spineviewer starten.</translation>
    </message>
    <message>
        <source>The table can be copied once its values match the current mask</source>
        <translation>Die Tabelle kann kopiert werden, sobald ihre Werte zur aktuellen Maske gehören</translation>
    </message>
    <message>
        <source>The template {name} was deleted.</source>
        <translation>Die Vorlage {name} wurde gelöscht.</translation>
    </message>
    <message>
        <source>The trabecular bone contains too few voxels to measure HU values.</source>
        <translation>Die Spongiosa enthält zu wenige Voxel, um HU-Werte zu messen.</translation>
    </message>
    <message>
        <source>The tube voltage is {kvp:.0f} kV. The HU cutoffs apply to 120 kV.</source>
        <translation>Die Röhrenspannung beträgt {kvp:.0f} kV. Die HU-Grenzwerte gelten für 120 kV.</translation>
    </message>
    <message>
        <source>The two orientations in the file (sform and qform) disagree; the sform is used. Check left and right, front and back, head and foot.</source>
        <translation>Die beiden Orientierungen in der Datei (sform und qform) widersprechen sich; verwendet wird sform. Prüfen Sie links und rechts, vorn und hinten, Kopf und Fuß.</translation>
    </message>
    <message>
        <source>The unit of length in the file is unknown (code {code}); its numbers were read as millimetres.</source>
        <translation>Die Längeneinheit der Datei ist unbekannt (Code {code}); die Zahlen wurden als Millimeter interpretiert.</translation>
    </message>
    <message>
        <source>The unit of length in the file is unknown ({unit}). Lengths were read as millimetres. To check, measure a structure of known size.</source>
        <translation>Die Längeneinheit der Datei ist unbekannt ({unit}). Längen wurden als Millimeter interpretiert. Messen Sie zur Kontrolle eine Struktur bekannter Größe.</translation>
    </message>
    <message>
        <source>The values ({low:.4g} to {high:.4g}) do not look like Hounsfield units: almost nothing is as bright as tissue. An offset of 1024 may have been subtracted twice.</source>
        <translation>Die Werte ({low:.4g} bis {high:.4g}) sehen nicht nach Hounsfield-Einheiten aus: Fast nichts ist so hell wie Gewebe. Vielleicht wurde ein Versatz von 1024 zweimal abgezogen.</translation>
    </message>
    <message>
        <source>The values ({low:.4g} to {high:.4g}) do not look like Hounsfield units: nothing is as dark as air or fat. Either an offset (often 1024) was not subtracted, or this is not a CT.</source>
        <translation>Die Werte ({low:.4g} bis {high:.4g}) sehen nicht nach Hounsfield-Einheiten aus: Nichts ist so dunkel wie Luft oder Fett. Entweder wurde ein Versatz (oft 1024) nicht abgezogen, oder dies ist kein CT.</translation>
    </message>
    <message>
        <source>The values ({low:.4g} to {high:.4g}) look like the grey levels of an ordinary image, not like Hounsfield units. Open the original scan.</source>
        <translation>Die Werte ({low:.4g} bis {high:.4g}) sehen nach den Graustufen eines gewöhnlichen Bildes aus, nicht nach Hounsfield-Einheiten. Öffnen Sie den Originalscan.</translation>
    </message>
    <message>
        <source>The values are between {low} and 1, so they are not HU. The scan was normalised; open the original.</source>
        <translation>Die Werte liegen zwischen {low} und 1 und sind damit keine HU. Der Scan wurde normalisiert; öffnen Sie das Original.</translation>
    </message>
    <message>
        <source>The values go up to {high:.0f}, so they are not Hounsfield units. The numbers in the file may have overflowed.</source>
        <translation>Die Werte reichen bis {high:.0f} und sind daher keine Hounsfield-Einheiten. Die Zahlen in der Datei sind möglicherweise übergelaufen.</translation>
    </message>
    <message>
        <source>The values of this scan are not Hounsfield units, so HU were not measured.</source>
        <translation>Die Werte dieses Scans sind keine Hounsfield-Einheiten; HU wurden daher nicht gemessen.</translation>
    </message>
    <message>
        <source>The vertebra below is not in view or was not measured, or the gap between the two vertebrae is too large for a disc.</source>
        <translation>Der Wirbel darunter ist nicht im Bild oder wurde nicht gemessen, oder der Abstand zwischen den beiden Wirbeln ist zu groß für eine Bandscheibe.</translation>
    </message>
    <message>
        <source>The vertebra is graded because of this. Its neighbours may be deformed as well, so its expected heights may be too small.</source>
        <translation>Deshalb erhält der Wirbel einen Grad. Auch seine Nachbarn können deformiert sein; die erwarteten Höhen sind dann zu klein.</translation>
    </message>
    <message>
        <source>The vertebrae are {first} to {last} {convention} ({probability}), but {other_first} to {other_last} {other_convention}. Check the names.</source>
        <translation>Es sind {convention} die Wirbel {first} bis {last} ({probability}), {other_convention} aber {other_first} bis {other_last}. Prüfen Sie die Namen.</translation>
    </message>
    <message>
        <source>The vertebrae have changed. Choose their names again.</source>
        <translation>Die Wirbel haben sich geändert. Wählen Sie die Namen neu.</translation>
    </message>
    <message>
        <source>The vertebrae have not been measured yet. Wait a moment.</source>
        <translation>Die Wirbel sind noch nicht vermessen. Warten Sie einen Moment.</translation>
    </message>
    <message>
        <source>The vertebrae have not been named yet. Wait a moment.</source>
        <translation>Die Wirbel sind noch nicht benannt. Warten Sie einen Moment.</translation>
    </message>
    <message>
        <source>The vertebrae may be named differently in the two scans: their sizes agree better if {here} in this scan is {there} in the other. Until the names agree, the changes shown are between different vertebrae. Check the names in both.</source>
        <translation>Die Wirbel sind in den beiden Scans möglicherweise unterschiedlich benannt: Ihre Größen passen besser zusammen, wenn {here} in diesem Scan {there} im anderen entspricht. Solange die Namen nicht übereinstimmen, beziehen sich die angezeigten Änderungen auf verschiedene Wirbel. Prüfen Sie die Namen in beiden Scans.</translation>
    </message>
    <message>
        <source>The vertebrae were named by their size and spacing alone, so the names may be off by one level or more.</source>
        <translation>Die Wirbel wurden nur nach ihrer Größe und ihrem Abstand benannt; die Namen können um einen Wirbel oder mehr verschoben sein.</translation>
    </message>
    <message>
        <source>The vertebral arches seem to be in front of the bodies, so the orientation that the file states is probably wrong. Do not rely on names or directions until you have checked it.</source>
        <translation>Die Wirbelbögen scheinen vor den Wirbelkörpern zu liegen; die in der Datei angegebene Orientierung ist also wahrscheinlich falsch. Verlassen Sie sich nicht auf Namen und Richtungen, bevor Sie sie geprüft haben.</translation>
    </message>
    <message>
        <source>The views</source>
        <translation>Die Ansichten</translation>
    </message>
    <message>
        <source>The volume has shape {shape}. Use a volume with three axes and at least one voxel along each.</source>
        <translation>Das Volumen hat die Form {shape}. Verwenden Sie ein Volumen mit drei Achsen und je mindestens einem Voxel.</translation>
    </message>
    <message>
        <source>The voxels of {file} are split across several files. Convert the image to a single file.</source>
        <translation>Die Voxel von {file} sind auf mehrere Dateien verteilt. Wandeln Sie das Bild in eine einzige Datei um.</translation>
    </message>
    <message>
        <source>The weights do not match the networks ({reason}). Install Spineviewer again.</source>
        <translation>Die Gewichte passen nicht zu den Netzen ({reason}). Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>The weights {file} are not the ones specified in {configuration} (SHA-256 {found}… instead of {wanted}…): the file is damaged or was replaced. Install Spineviewer again.</source>
        <translation>Die Gewichte {file} sind nicht die in {configuration} genannten (SHA-256 {found}… statt {wanted}…): Die Datei ist beschädigt oder wurde ersetzt. Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>The weights {file} cannot be read ({reason}). Install Spineviewer again.</source>
        <translation>Die Gewichte {file} sind nicht lesbar ({reason}). Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>The wheel and the arrow keys change the slice, the left button uses the tool, and a click moves the crosshair.</source>
        <translation>Rad oder Pfeiltasten wechseln die Schicht, die linke Taste benutzt das Werkzeug, ein Klick setzt das Fadenkreuz.</translation>
    </message>
    <message>
        <source>The wheel changes the slice. Click to move the crosshair; the other views follow.</source>
        <translation>Das Rad wechselt die Schicht. Ein Klick setzt das Fadenkreuz, die anderen Ansichten folgen.</translation>
    </message>
    <message>
        <source>The worker process crashed several times on this scan: there may be too little memory, or an error in the program. Close other programs and try again.</source>
        <translation>Der Arbeitsprozess ist bei diesem Scan mehrmals abgestürzt: Vielleicht reicht der Arbeitsspeicher nicht, oder das Programm hat einen Fehler. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The {what} array has shape {actual}, but the geometry has shape {expected}. Use an array of shape {expected}.</source>
        <translation>Das Array ({what}) hat die Form {actual}, die Geometrie aber die Form {expected}. Verwenden Sie ein Array der Form {expected}.</translation>
    </message>
    <message>
        <source>The {what} has shape {shape}, but the reference has shape {other_shape}. Choose files with the same grid.</source>
        <translation>{what} hat die Form {shape}, die Referenz {other_shape}. Wählen Sie Dateien mit demselben Gitter.</translation>
    </message>
    <message>
        <source>There are no DICOM files to anonymise. Choose a folder of DICOM files.</source>
        <translation>Keine DICOM-Dateien zum Anonymisieren vorhanden. Wählen Sie einen Ordner mit DICOM-Dateien.</translation>
    </message>
    <message>
        <source>There are no measurements to report. Measure something first.</source>
        <translation>Keine Messungen für einen Bericht vorhanden. Messen Sie zuerst etwas.</translation>
    </message>
    <message>
        <source>There are no measurements.</source>
        <translation>Keine Messungen vorhanden.</translation>
    </message>
    <message>
        <source>There are no named vertebrae to export. Wait until they are named, or export the mask.</source>
        <translation>Keine benannten Wirbel zum Exportieren vorhanden. Warten Sie, bis sie benannt sind, oder exportieren Sie die Maske.</translation>
    </message>
    <message>
        <source>There are no studies on this computer yet.</source>
        <translation>Auf diesem Computer sind noch keine Untersuchungen.</translation>
    </message>
    <message>
        <source>There are no studies on this computer.</source>
        <translation>Auf diesem Computer sind keine Untersuchungen.</translation>
    </message>
    <message>
        <source>There are no vertebrae to correct. Check that the mask shows the spine.</source>
        <translation>Keine Wirbel zum Korrigieren vorhanden. Prüfen Sie, ob die Maske die Wirbelsäule zeigt.</translation>
    </message>
    <message>
        <source>There are no vertebrae to name. Check that the mask shows the spine.</source>
        <translation>Keine Wirbel zum Benennen vorhanden. Prüfen Sie, ob die Maske die Wirbelsäule zeigt.</translation>
    </message>
    <message>
        <source>There are no vertebrae whose names can be shifted. Check that the mask shows the spine.</source>
        <translation>Keine Wirbel vorhanden, deren Namen sich verschieben lassen. Prüfen Sie, ob die Maske die Wirbelsäule zeigt.</translation>
    </message>
    <message>
        <source>There are several saved versions of your work on {file}</source>
        <translation>Es gibt mehrere gespeicherte Versionen Ihrer Arbeit an {file}</translation>
    </message>
    <message>
        <source>There are too few neighbouring vertebrae to estimate the expected height.</source>
        <translation>Es gibt zu wenige Nachbarwirbel, um die zu erwartende Höhe abzuschätzen.</translation>
    </message>
    <message>
        <source>There is cement or very dense bone in this vertebral body, so HU values were not measured.</source>
        <translation>In diesem Wirbelkörper ist Zement oder sehr dichter Knochen; HU-Werte wurden nicht gemessen.</translation>
    </message>
    <message>
        <source>There is gas or fat in this vertebral body, so HU values were not measured.</source>
        <translation>In diesem Wirbelkörper ist Gas oder Fett; HU-Werte wurden nicht gemessen.</translation>
    </message>
    <message>
        <source>There is metal in or next to this vertebra.</source>
        <translation>In oder neben diesem Wirbel ist Metall.</translation>
    </message>
    <message>
        <source>There is no archive named {name}, and none is configured. Add one (spineviewer pacs nodes --add NAME ADDRESS).</source>
        <translation>Es gibt kein Archiv namens {name}, und keines ist eingerichtet. Richten Sie eines ein (spineviewer pacs nodes --add NAME ADDRESS).</translation>
    </message>
    <message>
        <source>There is no archive named {name}. Use one of these: {known}.</source>
        <translation>Es gibt kein Archiv namens {name}. Verwenden Sie eines von diesen: {known}.</translation>
    </message>
    <message>
        <source>There is no segmentation to continue. Segment the scan first.</source>
        <translation>Es gibt keine Segmentierung, die fortgesetzt werden kann. Segmentieren Sie zuerst den Scan.</translation>
    </message>
    <message>
        <source>There is no vertebra near the point ({point} mm). Choose a point in a vertebra.</source>
        <translation>Nahe dem Punkt ({point} mm) liegt kein Wirbel. Wählen Sie einen Punkt in einem Wirbel.</translation>
    </message>
    <message>
        <source>There is no vertebra with this number. Choose one of the named vertebrae.</source>
        <translation>Einen Wirbel mit dieser Nummer gibt es nicht. Wählen Sie einen der benannten Wirbel.</translation>
    </message>
    <message>
        <source>There is too little memory for this scan. Close other programs and try again.</source>
        <translation>Zu wenig Arbeitsspeicher für diesen Scan. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>There is too little memory to run the attention network on slices of {rows} x {columns} mm. Close other programs and try again.</source>
        <translation>Zu wenig Arbeitsspeicher für das Aufmerksamkeitsnetz bei Schichten von {rows} x {columns} mm. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>There is too little memory to run the segmentation network: even the smallest chunk of slices of {rows} x {columns} mm does not fit in {free_mib:.0f} MiB. Close other programs and try again.</source>
        <translation>Zu wenig Arbeitsspeicher für das Segmentierungsnetz: Von Schichten mit {rows} x {columns} mm passt auch das kleinste Stück nicht in {free_mib:.0f} MiB. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>There must be at least one worker. Use 1 or more (--workers).</source>
        <translation>Mindestens ein Arbeitsprozess ist nötig. Verwenden Sie 1 oder mehr (--workers).</translation>
    </message>
    <message>
        <source>These files of an earlier report stay as they are: {files}. Tick their formats to replace them.</source>
        <translation>Diese Dateien eines früheren Berichts bleiben unverändert: {files}. Kreuzen Sie auch diese Formate an, um sie zu ersetzen.</translation>
    </message>
    <message>
        <source>Thicker slab</source>
        <translation>Dickerer Slab</translation>
    </message>
    <message>
        <source>Thinner slab</source>
        <translation>Dünnerer Slab</translation>
    </message>
    <message>
        <source>Third custom window preset</source>
        <translation>Dritte eigene Fenstervorgabe</translation>
    </message>
    <message>
        <source>This button runs both networks. They have already run on this scan.</source>
        <translation>Diese Schaltfläche startet beide Netze. Dieser Scan ist bereits segmentiert.</translation>
    </message>
    <message>
        <source>This button runs both networks; Next presses it for you. You can keep working while they run.</source>
        <translation>Diese Schaltfläche startet beide Netze; „Weiter“ drückt sie für Sie. Sie können währenddessen weiterarbeiten.</translation>
    </message>
    <message>
        <source>This computer only</source>
        <translation>Nur dieser Computer</translation>
    </message>
    <message>
        <source>This is a scan of modality {modality}, not CT. The networks were trained on CT only.</source>
        <translation>Dies ist ein Scan der Modalität {modality}, kein CT. Die Netze wurden nur mit CT trainiert.</translation>
    </message>
    <message>
        <source>This is not a folder. Choose a folder.</source>
        <translation>Das ist kein Ordner. Wählen Sie einen Ordner.</translation>
    </message>
    <message>
        <source>This key image shows a curved view along the spine. Segment the scan to see it.</source>
        <translation>Dieses Schlüsselbild zeigt eine gekrümmte Ansicht entlang der Wirbelsäule. Segmentieren Sie den Scan, um es zu sehen.</translation>
    </message>
    <message>
        <source>This needs more memory than is available. Close other programs and try again.</source>
        <translation>Dafür ist zu wenig Arbeitsspeicher frei. Schließen Sie andere Programme, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>This scan is also open in another Spineviewer window. Each window saves its own work. When you open the scan again, you can choose which version to continue with.</source>
        <translation>Dieser Scan ist auch in einem anderen Spineviewer-Fenster geöffnet. Jedes Fenster speichert seine eigene Arbeit. Beim nächsten Öffnen des Scans wählen Sie, mit welchem Stand Sie weiterarbeiten.</translation>
    </message>
    <message>
        <source>This scan is newer. Switch to it to see what has changed.</source>
        <translation>Dieser Scan ist neuer. Wechseln Sie zu ihm, um die Änderungen zu sehen.</translation>
    </message>
    <message>
        <source>This scan is of a different patient.</source>
        <translation>Dieser Scan stammt von einem anderen Patienten.</translation>
    </message>
    <message>
        <source>This scan may be of a different patient: its file does not identify the patient.</source>
        <translation>Dieser Scan kann von einem anderen Patienten stammen: Seine Datei nennt keinen.</translation>
    </message>
    <message>
        <source>This series mixes {count} acquisitions. Only number {number} is shown: {what}.</source>
        <translation>Diese Serie vermischt {count} Akquisitionen. Nur Nummer {number} wird gezeigt: {what}.</translation>
    </message>
    <message>
        <source>This slice only</source>
        <translation>Nur diese Schicht</translation>
    </message>
    <message>
        <source>This system has no secure credential store for passwords, and Spineviewer never writes passwords to a file. Install a credential store (GNOME Keyring, KWallet), or set the environment variable {variable} before you start Spineviewer.</source>
        <translation>Dieses System hat keinen sicheren Schlüsselbund für Passwörter, und Spineviewer schreibt sie nie in eine Datei. Installieren Sie einen (GNOME Keyring, KWallet), oder setzen Sie die Umgebungsvariable {variable}, bevor Sie Spineviewer starten.</translation>
    </message>
    <message>
        <source>This vertebra is cut off at the edge of the scan.</source>
        <translation>Dieser Wirbel ist am Rand des Scans angeschnitten.</translation>
    </message>
    <message>
        <source>This vertebral body is partly cut off at the edge of the scan, so its heights, diameters, volume and angles may be wrong.</source>
        <translation>Dieser Wirbelkörper ist am Rand des Scans angeschnitten. Seine Höhen, Durchmesser, Winkel und sein Volumen können deshalb falsch sein.</translation>
    </message>
    <message>
        <source>This view has no image for the report yet. Choose another view.</source>
        <translation>Diese Ansicht hat noch kein Bild für den Bericht. Wählen Sie eine andere Ansicht.</translation>
    </message>
    <message>
        <source>This work was done on another file with the same content.</source>
        <translation>Diese Arbeit entstand an einer anderen Datei mit demselben Inhalt.</translation>
    </message>
    <message>
        <source>This work was done on another file with the same content: {file}.</source>
        <translation>Diese Arbeit entstand an einer anderen Datei mit demselben Inhalt: {file}.</translation>
    </message>
    <message>
        <source>Three in a row</source>
        <translation>Drei nebeneinander</translation>
    </message>
    <message>
        <source>Three planes and the surface, of equal size</source>
        <translation>Drei Ebenen und die Oberfläche, gleich groß</translation>
    </message>
    <message>
        <source>Three views of equal size</source>
        <translation>Drei gleich große Ansichten</translation>
    </message>
    <message>
        <source>Tick region</source>
        <translation>Stelle abhaken</translation>
    </message>
    <message>
        <source>Tick the current region and go to the next: a detached piece, an uncertain surface, bone whose level is uncertain, bone cut off at the edge of the scan, or metal or cement</source>
        <translation>Die aktuelle Stelle abhaken und zur nächsten springen: abgetrenntes Stück, unsichere Oberfläche, Knochen, der am Rand des Scans angeschnitten ist oder zu einem anderen Wirbel gehören kann, Metall oder Zement</translation>
    </message>
    <message>
        <source>Ticked as seen: {region}. It was the last one.</source>
        <translation>Als gesehen abgehakt: {region}. Das war die letzte Stelle.</translation>
    </message>
    <message>
        <source>Ticked as seen: {region}. Next: {next_region}, {number} of {count}.</source>
        <translation>Als gesehen abgehakt: {region}. Weiter: {next_region}, {number} von {count}.</translation>
    </message>
    <message>
        <source>Tight</source>
        <translation>Eng</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Title of the report and the images. Do not enter patient data.</source>
        <translation>Titel von Bericht und Bildern. Geben Sie keine Patientendaten ein.</translation>
    </message>
    <message>
        <source>To remove the corrections, use Correct &gt; Discard all corrections.</source>
        <translation>„Korrigieren &gt; Alle Korrekturen verwerfen“ entfernt die Korrekturen.</translation>
    </message>
    <message>
        <source>To use several workers, Spineviewer needs an optional component. Install it with: pip install &apos;spineviewer[cluster]&apos;</source>
        <translation>Für mehrere Arbeitsprozesse ist ein Zusatzpaket von Spineviewer nötig. Installieren Sie es mit: pip install &apos;spineviewer[cluster]&apos;</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Tools work in the scan on the left. To use them here, click this scan&apos;s tab.</source>
        <translation>Werkzeuge wirken im linken Scan. Klicken Sie den Reiter dieses Scans an, um sie hier zu verwenden.</translation>
    </message>
    <message>
        <source>Tour</source>
        <translation>Rundgang</translation>
    </message>
    <message>
        <source>Tour of the window</source>
        <translation>Rundgang durch das Fenster</translation>
    </message>
    <message>
        <source>Trabecular HU of {level}</source>
        <translation>HU der Spongiosa von {level}</translation>
    </message>
    <message>
        <source>Transverse diameter of the vertebral body</source>
        <translation>Querdurchmesser des Wirbelkörpers</translation>
    </message>
    <message>
        <source>Trusted certificates</source>
        <translation>Vertrauenswürdige Zertifikate</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Try the sample scan</source>
        <translation>Beispielscan</translation>
    </message>
    <message>
        <source>Tube voltage</source>
        <translation>Röhrenspannung</translation>
    </message>
    <message>
        <source>Tube voltage: {voltage}</source>
        <translation>Röhrenspannung: {voltage}</translation>
    </message>
    <message>
        <source>Two by two</source>
        <translation>Zwei mal zwei</translation>
    </message>
    <message>
        <source>Two networks analyse a CT scan: one finds the spine, the other finds bone. Their results are combined into the mask, following Sekuboyina et al., ‘Attention-driven Deep Learning for Pathological Spine Segmentation’ (2017).

For research use only. Spineviewer is not a medical device: do not base a diagnosis or treatment on it. Nothing leaves this computer unless you send it.

Apache-2.0. Font: Inter (SIL Open Font License). Qt and PySide under the LGPL.</source>
        <translation>Zwei Netze werten ein CT aus: Eines findet die Wirbelsäule, das andere den Knochen. Zusammen ergeben sie die Maske, nach Sekuboyina et al., ‘Attention-driven Deep Learning for Pathological Spine Segmentation’ (2017).

Nur für die Forschung. Spineviewer ist kein Medizinprodukt: Stützen Sie keine Diagnose oder Behandlung darauf. Ohne Ihr Zutun verlässt nichts diesen Computer.

Apache-2.0. Schrift: Inter (SIL Open Font License). Qt und PySide unter der LGPL.</translation>
    </message>
    <message>
        <source>Two networks find the spine and segment its bone. You can keep working while they run.</source>
        <translation>Zwei Netze finden die Wirbelsäule und ihren Knochen. Sie können währenddessen weiterarbeiten.</translation>
    </message>
    <message>
        <source>Two of the files would have the same name. Change one of the names.</source>
        <translation>Zwei der Dateien hätten denselben Namen. Ändern Sie einen der Namen.</translation>
    </message>
    <message>
        <source>Two planes, each in two grey-scale windows</source>
        <translation>Zwei Ebenen, jede in zwei Fensterungen</translation>
    </message>
    <message>
        <source>Two scans side by side</source>
        <translation>Zwei Scans nebeneinander</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Typ</translation>
    </message>
    <message>
        <source>Type a level, such as L1, then press Enter</source>
        <translation>Wirbel eingeben, etwa L1, dann Eingabetaste</translation>
    </message>
    <message>
        <source>Type a search term and press Enter.</source>
        <translation>Geben Sie einen Suchbegriff ein, und drücken Sie die Eingabetaste.</translation>
    </message>
    <message>
        <source>Uncertain level</source>
        <translation>Unsichere Zuordnung</translation>
    </message>
    <message>
        <source>Uncertain regions</source>
        <translation>Unsichere Stellen</translation>
    </message>
    <message>
        <source>Uncertain surface</source>
        <translation>Unsichere Oberfläche</translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation>Unsicherheit</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Undo the last step</source>
        <translation>Den letzten Schritt rückgängig machen</translation>
    </message>
    <message>
        <source>Unexpected error: {kind}: {reason}. Your data was not changed. Please report this error.</source>
        <translation>Unerwarteter Fehler: {kind}: {reason}. Ihre Daten wurden nicht verändert. Bitte melden Sie diesen Fehler.</translation>
    </message>
    <message>
        <source>Unpacking</source>
        <translation>Entpacken</translation>
    </message>
    <message>
        <source>Unsaved changes</source>
        <translation>Ungespeicherte Änderungen</translation>
    </message>
    <message>
        <source>Untick region</source>
        <translation>Haken entfernen</translation>
    </message>
    <message>
        <source>Up to {count} different slices are at the same position (several time points, phases or reconstructions in one series).</source>
        <translation>Bis zu {count} verschiedene Schichten liegen an derselben Stelle (mehrere Zeitpunkte, Phasen oder Rekonstruktionen in einer Serie).</translation>
    </message>
    <message>
        <source>Use English</source>
        <comment>in this language, with its own name</comment>
        <translation>Deutsch verwenden</translation>
    </message>
    <message>
        <source>Use a light background for the controls; the images stay dark</source>
        <translation>Heller Hintergrund für die Bedienelemente; die Bilder bleiben dunkel</translation>
    </message>
    <message>
        <source>Use the system language</source>
        <translation>Die Systemsprache verwenden</translation>
    </message>
    <message>
        <source>Use the whole screen</source>
        <translation>Den ganzen Bildschirm nutzen</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Benutzername</translation>
    </message>
    <message>
        <source>User name and password</source>
        <translation>Benutzername und Passwort</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Values above {most} (up to {highest:.0f}) are clipped to {most}.</source>
        <translation>Werte über {most} (bis {highest:.0f}) werden auf {most} begrenzt.</translation>
    </message>
    <message>
        <source>Values: {values}</source>
        <translation>Werte: {values}</translation>
    </message>
    <message>
        <source>Vertebra</source>
        <translation>Wirbel</translation>
    </message>
    <message>
        <source>Vertebrae</source>
        <translation>Wirbel</translation>
    </message>
    <message>
        <source>Vertebrae as LABELMAP</source>
        <translation>Wirbel als LABELMAP</translation>
    </message>
    <message>
        <source>Vertebrae: click to go there, double-click to rename (F4)</source>
        <translation>Wirbel: Klick springt dorthin, Doppelklick benennt ihn (F4)</translation>
    </message>
    <message>
        <source>Vertebral measurements</source>
        <translation>Messwerte der Wirbel</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>Volumen</translation>
    </message>
    <message>
        <source>Volume difference (mask minus second mask)</source>
        <translation>Volumendifferenz (Maske minus zweite Maske)</translation>
    </message>
    <message>
        <source>Volume of the mask</source>
        <translation>Volumen der Maske</translation>
    </message>
    <message>
        <source>Volume of the vertebral body without the arch</source>
        <translation>Volumen des Wirbelkörpers ohne Bogen</translation>
    </message>
    <message>
        <source>Voxel spacing must be positive, but it is {spacing_mm} mm. Export the scan again.</source>
        <translation>Der Voxelabstand muss positiv sein, ist aber {spacing_mm} mm. Exportieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>Voxels with a bone probability above this value count as bone.</source>
        <translation>Voxel, deren Knochenwahrscheinlichkeit über diesem Wert liegt, zählen als Knochen.</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Waiting for a response…</source>
        <translation>Warten auf Antwort…</translation>
    </message>
    <message>
        <source>Waiting for confirmation from the archive</source>
        <translation>Bestätigung des Archivs wird erwartet</translation>
    </message>
    <message>
        <source>Wedge</source>
        <translation>Keil</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Weights are missing: {file} does not exist. Install Spineviewer again, or set SPINEVIEWER_MODELS.</source>
        <translation>Gewichte fehlen: {file} gibt es nicht. Installieren Sie Spineviewer neu, oder setzen Sie SPINEVIEWER_MODELS.</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>Was möchten Sie tun?</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Rad</translation>
    </message>
    <message>
        <source>Where several slices share a position, slice {number} of {count} is shown.</source>
        <translation>Wo sich mehrere Schichten eine Position teilen, wird Schicht {number} von {count} gezeigt.</translation>
    </message>
    <message>
        <source>Where the attention network sees the spine: bright means certain.</source>
        <translation>Wo das Aufmerksamkeitsnetz die Wirbelsäule sieht: hell heißt sicher.</translation>
    </message>
    <message>
        <source>Wide</source>
        <translation>Weit</translation>
    </message>
    <message>
        <source>Wide includes the vertebral processes completely; Tight leaves out ribs. Use the values below for fine adjustment.</source>
        <translation>„Weit“ nimmt die Wirbelfortsätze vollständig auf, „Eng“ lässt Rippen weg. Die Werte darunter dienen der Feineinstellung.</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Breite</translation>
    </message>
    <message>
        <source>Width {width_hu:.0f}, level {level_hu:.0f}</source>
        <translation>Breite {width_hu:.0f}, Mitte {level_hu:.0f}</translation>
    </message>
    <message>
        <source>Width {width_hu:.0f}, level {level_hu:.0f} (key {number})</source>
        <translation>Breite {width_hu:.0f}, Mitte {level_hu:.0f} (Taste {number})</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fensterung</translation>
    </message>
    <message>
        <source>Window (width/level)</source>
        <translation>Fensterung (Breite/Mitte)</translation>
    </message>
    <message>
        <source>Window/level</source>
        <translation>Fensterung</translation>
    </message>
    <message>
        <source>Work is still in progress.</source>
        <translation>Es laufen noch Vorgänge.</translation>
    </message>
    <message>
        <source>Write again</source>
        <translation>Neu schreiben</translation>
    </message>
    <message>
        <source>Write copies</source>
        <translation>Kopien schreiben</translation>
    </message>
    <message>
        <source>Write findings and impression, and choose key images; saved as PDF, HTML, CSV or JSON</source>
        <translation>Befund und Beurteilung schreiben, Schlüsselbilder wählen; als PDF, HTML, CSV oder JSON</translation>
    </message>
    <message>
        <source>Write patient and study below saved and copied screenshots; off by default</source>
        <translation>Patient und Untersuchung unter gespeicherte und kopierte Bilder schreiben; standardmäßig aus</translation>
    </message>
    <message>
        <source>Write report</source>
        <translation>Bericht schreiben</translation>
    </message>
    <message>
        <source>Writing anonymised copies to {folder}…</source>
        <translation>Anonymisierte Kopien werden nach {folder} geschrieben…</translation>
    </message>
    <message>
        <source>Writing results</source>
        <translation>Ergebnisse werden geschrieben</translation>
    </message>
    <message>
        <source>Writing the DICOM SEG</source>
        <translation>DICOM SEG wird geschrieben</translation>
    </message>
    <message>
        <source>Writing the DICOM document</source>
        <translation>DICOM-Dokument wird geschrieben</translation>
    </message>
    <message>
        <source>Writing the DICOM parametric map</source>
        <translation>DICOM Parametric Map wird geschrieben</translation>
    </message>
    <message>
        <source>Writing the DICOM structure set</source>
        <translation>DICOM RTSTRUCT wird geschrieben</translation>
    </message>
    <message>
        <source>Writing the structured report</source>
        <translation>Strukturierter Bericht wird geschrieben</translation>
    </message>
    <message>
        <source>Writing the surface of {name}</source>
        <translation>Oberfläche von {name} wird geschrieben</translation>
    </message>
    <message>
        <source>Writing {file}</source>
        <translation>{file} wird geschrieben</translation>
    </message>
    <message>
        <source>You can keep working.</source>
        <translation>Sie können währenddessen weiterarbeiten.</translation>
    </message>
    <message>
        <source>You set this name, or it follows from a vertebra that you named, split or merged.</source>
        <translation>Sie haben diesen Namen vergeben, oder er ergibt sich aus einem Wirbel, den Sie benannt, geteilt oder zusammengeführt haben.</translation>
    </message>
    <message>
        <source>Your certificate</source>
        <translation>Eigenes Zertifikat</translation>
    </message>
    <message>
        <source>Your change to the key images was redone.</source>
        <translation>Ihre Änderung an den Schlüsselbildern wurde wiederhergestellt.</translation>
    </message>
    <message>
        <source>Your change to the text of the report was redone.</source>
        <translation>Ihre Änderung am Text des Berichts wurde wiederhergestellt.</translation>
    </message>
    <message>
        <source>Your last change to the key images was undone.</source>
        <translation>Ihre letzte Änderung an den Schlüsselbildern wurde rückgängig gemacht.</translation>
    </message>
    <message>
        <source>Your last change to the text of the report was undone.</source>
        <translation>Ihre letzte Änderung am Text des Berichts wurde rückgängig gemacht.</translation>
    </message>
    <message>
        <source>Your private key</source>
        <translation>Eigener privater Schlüssel</translation>
    </message>
    <message>
        <source>Your work cannot be saved in {folder}: {reason}. Export the mask so that it is not lost.</source>
        <translation>Ihre Arbeit kann in {folder} nicht gesichert werden: {reason}. Exportieren Sie die Maske, damit sie nicht verloren geht.</translation>
    </message>
    <message>
        <source>Your work is saved</source>
        <translation>Ihre Arbeit ist gespeichert</translation>
    </message>
    <message numerus="yes">
        <source>Your work on %n scan(s) is not saved.</source>
        <translation>
            <numerusform>Ihre Arbeit an %n Scan ist nicht gespeichert.</numerusform>
            <numerusform>Ihre Arbeit an %n Scans ist nicht gespeichert.</numerusform>
        </translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>Zoom at the pointer</source>
        <translation>Zoom am Zeiger</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>a UID is not valid</source>
        <translation>eine UID ist ungültig</translation>
    </message>
    <message>
        <source>a document to print or archive</source>
        <translation>ein Dokument zum Drucken oder Ablegen</translation>
    </message>
    <message>
        <source>according to the header, voxels are {size} mm in size. CT voxels are neither smaller than {least:g} mm nor larger than {most:g} mm, so the spacing or the unit is wrong. Correct the header, or export the scan again.</source>
        <translation>laut Header sind die Voxel {size} mm groß. CT-Voxel sind weder kleiner als {least:g} mm noch größer als {most:g} mm: Abstand oder Einheit sind falsch. Berichtigen Sie den Header, oder exportieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>acquisition</source>
        <translation>Akquisition</translation>
    </message>
    <message>
        <source>all {count} slices as one volume (correct only if the acquisition was interleaved)</source>
        <translation>alle {count} Schichten als ein Volumen (nur richtig, wenn verschachtelt aufgenommen wurde)</translation>
    </message>
    <message>
        <source>all {count} slices, resampled to a spacing of {step_mm:.2f} mm; planes between slices are interpolated</source>
        <translation>alle {count} Schichten, mit einem Abstand von {step_mm:.2f} mm neu abgetastet; Ebenen zwischen den Schichten sind interpoliert</translation>
    </message>
    <message>
        <source>an encrypted connection could not be established</source>
        <translation>es kam keine verschlüsselte Verbindung zustande</translation>
    </message>
    <message>
        <source>and {number} more in the table (CSV)</source>
        <translation>und {number} weitere in der Tabelle (CSV)</translation>
    </message>
    <message>
        <source>angle</source>
        <translation>Winkel</translation>
    </message>
    <message>
        <source>another file with the same images</source>
        <translation>einer anderen Datei mit denselben Bildern</translation>
    </message>
    <message>
        <source>arch</source>
        <translation>Wirbelbogen</translation>
    </message>
    <message>
        <source>arch cut off</source>
        <translation>Bogen am Rand</translation>
    </message>
    <message>
        <source>archives</source>
        <translation>Archive</translation>
    </message>
    <message>
        <source>area</source>
        <translation>Fläche</translation>
    </message>
    <message>
        <source>arterial</source>
        <translation>arteriell</translation>
    </message>
    <message>
        <source>as set by hand</source>
        <translation>nach Eingabe von Hand</translation>
    </message>
    <message>
        <source>attention projected through all slices</source>
        <translation>Aufmerksamkeit, über alle Schichten projiziert</translation>
    </message>
    <message>
        <source>ax.</source>
        <translation>ax.</translation>
    </message>
    <message>
        <source>axial</source>
        <translation>axial</translation>
    </message>
    <message>
        <source>balanced cutoff</source>
        <translation>ausgewogener Grenzwert</translation>
    </message>
    <message>
        <source>biconcave</source>
        <translation>bikonkav</translation>
    </message>
    <message>
        <source>body</source>
        <translation>Wirbelkörper</translation>
    </message>
    <message>
        <source>bone bridges this disc, or the mask contains it</source>
        <translation>Knochen überbrückt diese Bandscheibe, oder die Maske enthält sie</translation>
    </message>
    <message>
        <source>born {date}</source>
        <translation>geb. {date}</translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>von Hand</translation>
    </message>
    <message>
        <source>cardiac phase</source>
        <translation>Herzphase</translation>
    </message>
    <message>
        <source>change</source>
        <translation>Änderung</translation>
    </message>
    <message>
        <source>column</source>
        <translation>Spalte</translation>
    </message>
    <message>
        <source>compared with {file}</source>
        <translation>verglichen mit {file}</translation>
    </message>
    <message>
        <source>cor.</source>
        <translation>kor.</translation>
    </message>
    <message>
        <source>coronal</source>
        <translation>koronal</translation>
    </message>
    <message>
        <source>corrections</source>
        <translation>Korrekturen</translation>
    </message>
    <message>
        <source>corrections need unrotated planes</source>
        <translation>Korrigieren geht nur in nicht gedrehten Ebenen</translation>
    </message>
    <message>
        <source>created in memory</source>
        <translation>im Speicher erzeugt</translation>
    </message>
    <message>
        <source>crush</source>
        <translation>Kompression</translation>
    </message>
    <message>
        <source>d MMM yyyy, HH:mm</source>
        <translation>d. MMM yyyy, HH:mm</translation>
    </message>
    <message>
        <source>d MMM, HH:mm</source>
        <translation>d. MMM, HH:mm</translation>
    </message>
    <message>
        <source>echo</source>
        <translation>Echo</translation>
    </message>
    <message>
        <source>echo time</source>
        <translation>Echozeit</translation>
    </message>
    <message>
        <source>encapsulated PDF, which most PACS viewers can display</source>
        <translation>eingebettetes PDF, das die meisten PACS-Viewer anzeigen können</translation>
    </message>
    <message>
        <source>exit code {code}</source>
        <translation>Exit-Code {code}</translation>
    </message>
    <message>
        <source>expected</source>
        <translation>erwartet</translation>
    </message>
    <message>
        <source>expected {value} (from {neighbours})</source>
        <translation>erwartet {value} (aus {neighbours})</translation>
    </message>
    <message>
        <source>given, phase unknown</source>
        <translation>gegeben, Phase unbekannt</translation>
    </message>
    <message>
        <source>go to a border between vertebrae</source>
        <translation>näher an eine Grenze zwischen zwei Wirbeln</translation>
    </message>
    <message>
        <source>if counted from C2</source>
        <translation>von C2 aus gezählt</translation>
    </message>
    <message>
        <source>if counted from the sacrum</source>
        <translation>vom Kreuzbein aus gezählt</translation>
    </message>
    <message>
        <source>if named by vertebral size and spacing</source>
        <translation>nach Größe und Abstand der Wirbel benannt</translation>
    </message>
    <message>
        <source>if numbered from the ribs</source>
        <translation>nach den Rippen benannt</translation>
    </message>
    <message>
        <source>it already has an object with the same UID</source>
        <translation>es hat schon ein Objekt mit derselben UID</translation>
    </message>
    <message>
        <source>it cancelled the operation</source>
        <translation>es hat den Vorgang abgebrochen</translation>
    </message>
    <message>
        <source>it did not understand the request</source>
        <translation>es hat die Anfrage nicht verstanden</translation>
    </message>
    <message>
        <source>it does not accept objects of the class {kind}{encoded}</source>
        <translation>es nimmt keine Objekte der Klasse {kind}{encoded} an</translation>
    </message>
    <message>
        <source>it does not accept this object of the class {kind} (status {status})</source>
        <translation>es nimmt dieses Objekt der Klasse {kind} nicht an (Status {status})</translation>
    </message>
    <message>
        <source>it does not know the study</source>
        <translation>es kennt die Untersuchung nicht</translation>
    </message>
    <message>
        <source>it does not know this operation</source>
        <translation>es kennt diesen Vorgang nicht</translation>
    </message>
    <message>
        <source>it does not permit this</source>
        <translation>es lässt das nicht zu</translation>
    </message>
    <message>
        <source>it does not support this operation for these objects</source>
        <translation>es unterstützt diesen Vorgang für diese Objekte nicht</translation>
    </message>
    <message>
        <source>it is short of memory or disk space</source>
        <translation>ihm fehlt Arbeitsspeicher oder Plattenplatz</translation>
    </message>
    <message>
        <source>it is short of resources</source>
        <translation>ihm fehlen Ressourcen</translation>
    </message>
    <message>
        <source>it reports an internal error</source>
        <translation>es meldet einen internen Fehler</translation>
    </message>
    <message>
        <source>it was not sent</source>
        <translation>nicht gesendet</translation>
    </message>
    <message>
        <source>its header does not contain usable voxel sizes and directions (voxels of {size} mm). Export the scan again.</source>
        <translation>ihr Header enthält keine brauchbaren Voxelgrößen und Richtungen (Voxel von {size} mm). Exportieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>its orientation is invalid ({name}): it contains no usable axes. Export the scan again.</source>
        <translation>ihre Orientierung ist ungültig ({name}): Sie enthält keine brauchbaren Achsen. Exportieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>its slices are shifted by {pixels:.0f} pixels relative to each other, which a tilted gantry cannot explain. Export the scan again.</source>
        <translation>ihre Schichten sind um {pixels:.0f} Pixel gegeneinander verschoben, was keine Gantrykippung erklärt. Exportieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>key images</source>
        <translation>Schlüsselbilder</translation>
    </message>
    <message>
        <source>keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>layouts by kind of scan</source>
        <translation>Anordnungen je Art der Aufnahme</translation>
    </message>
    <message>
        <source>left</source>
        <translation>links</translation>
    </message>
    <message>
        <source>length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>level {name}</source>
        <translation>Wirbel {name}</translation>
    </message>
    <message>
        <source>max</source>
        <translation>max.</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>Mittelwert</translation>
    </message>
    <message>
        <source>measurements</source>
        <translation>Messungen</translation>
    </message>
    <message>
        <source>measuring is not possible in curved views</source>
        <translation>in gekrümmten Ansichten kann nicht gemessen werden</translation>
    </message>
    <message>
        <source>median {median}, SD {sd}, {volume}</source>
        <translation>Median {median}, SD {sd}, {volume}</translation>
    </message>
    <message>
        <source>merge {upper} and {lower}</source>
        <translation>{upper} und {lower} zusammenführen</translation>
    </message>
    <message>
        <source>middle</source>
        <translation>Mitte</translation>
    </message>
    <message>
        <source>min</source>
        <translation>min.</translation>
    </message>
    <message>
        <source>ml, incomplete</source>
        <translation>ml, unvollständig</translation>
    </message>
    <message>
        <source>moved landmarks</source>
        <translation>verschobene Messpunkte</translation>
    </message>
    <message>
        <source>names set by hand</source>
        <translation>von Hand gesetzte Namen</translation>
    </message>
    <message>
        <source>needs DICOM slices; this scan came from another format or a zip file, or was resampled</source>
        <translation>braucht DICOM-Schichten; dieser Scan stammt aus einem anderen Format oder einer ZIP-Datei, oder er wurde neu abgetastet</translation>
    </message>
    <message>
        <source>needs a comparison</source>
        <translation>braucht einen Vergleich</translation>
    </message>
    <message>
        <source>needs a mask: segment first</source>
        <translation>braucht eine Maske: zuerst segmentieren</translation>
    </message>
    <message>
        <source>needs a measurement</source>
        <translation>braucht eine Messung</translation>
    </message>
    <message>
        <source>needs a scan in view</source>
        <translation>braucht einen angezeigten Scan</translation>
    </message>
    <message>
        <source>needs a scan with a patient ID</source>
        <translation>braucht einen Scan mit Patienten-ID</translation>
    </message>
    <message>
        <source>needs a value that you changed</source>
        <translation>braucht einen Wert, den Sie geändert haben</translation>
    </message>
    <message>
        <source>needs an archive: add one in the archive settings</source>
        <translation>braucht ein Archiv: in den Archiv-Einstellungen hinzufügen</translation>
    </message>
    <message>
        <source>needs another open scan</source>
        <translation>braucht einen zweiten offenen Scan</translation>
    </message>
    <message>
        <source>needs fracture grades: only HU values were measured in this scan</source>
        <translation>braucht Frakturgrade: in diesem Scan wurden nur HU-Werte gemessen</translation>
    </message>
    <message>
        <source>needs measured vertebrae: segment first</source>
        <translation>braucht gemessene Wirbel: zuerst segmentieren</translation>
    </message>
    <message>
        <source>needs measurements of the current mask</source>
        <translation>braucht Messwerte der aktuellen Maske</translation>
    </message>
    <message>
        <source>needs named vertebrae: segment first</source>
        <translation>braucht benannte Wirbel: zuerst segmentieren</translation>
    </message>
    <message>
        <source>needs the crosshair on a vertebra</source>
        <translation>das Fadenkreuz muss in einem Wirbel stehen</translation>
    </message>
    <message>
        <source>needs two open scans with named vertebrae</source>
        <translation>braucht zwei offene Scans mit benannten Wirbeln</translation>
    </message>
    <message>
        <source>needs two slices that you have edited</source>
        <translation>braucht zwei Schichten, die Sie bearbeitet haben</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>no T12</source>
        <translation>kein T12</translation>
    </message>
    <message>
        <source>no corrections</source>
        <translation>keine Korrekturen</translation>
    </message>
    <message>
        <source>no edits</source>
        <translation>nichts von Hand geändert</translation>
    </message>
    <message>
        <source>no part of the mask is far from the spine</source>
        <translation>kein Teil der Maske liegt abseits der Wirbelsäule</translation>
    </message>
    <message>
        <source>no surfaces to compare</source>
        <translation>keine Oberflächen zum Vergleichen vorhanden</translation>
    </message>
    <message>
        <source>no two axes of the grid are at right angles, which a tilted gantry cannot explain. Export the scan again.</source>
        <translation>keine zwei Gitterachsen stehen rechtwinklig zueinander, und eine Gantrykippung erklärt das nicht. Exportieren Sie den Scan erneut.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keines</translation>
    </message>
    <message>
        <source>not segmented</source>
        <translation>nicht segmentiert</translation>
    </message>
    <message>
        <source>nothing found</source>
        <translation>nichts gefunden</translation>
    </message>
    <message>
        <source>nothing is running</source>
        <translation>nichts läuft</translation>
    </message>
    <message>
        <source>nothing to redo</source>
        <translation>nichts zu wiederholen</translation>
    </message>
    <message>
        <source>nothing to undo</source>
        <translation>nichts rückgängig zu machen</translation>
    </message>
    <message>
        <source>object of an unknown kind</source>
        <translation>Objekt unbekannter Art</translation>
    </message>
    <message>
        <source>on the centre line</source>
        <translation>auf der Mittellinie</translation>
    </message>
    <message>
        <source>one label number per level (VerSe numbering), with names and colours</source>
        <translation>je Wirbel eine Nummer (VerSe-Nummerierung), mit Namen und Farben</translation>
    </message>
    <message>
        <source>one slice, not the slab</source>
        <translation>eine Schicht, nicht der Slab</translation>
    </message>
    <message>
        <source>one triangle mesh per vertebra, with the vertebra&apos;s name added to the file name</source>
        <translation>ein Dreiecksnetz je Wirbel; sein Name wird an den Dateinamen angehängt</translation>
    </message>
    <message>
        <source>or drop a file or folder anywhere in this window</source>
        <translation>oder eine Datei oder einen Ordner ins Fenster ziehen</translation>
    </message>
    <message>
        <source>other settings</source>
        <translation>andere Einstellungen</translation>
    </message>
    <message>
        <source>page {number} of {count}</source>
        <translation>Seite {number} von {count}</translation>
    </message>
    <message>
        <source>parametric map</source>
        <translation>Parametric Map</translation>
    </message>
    <message>
        <source>part of the body is cut off at the edge of the scan</source>
        <translation>ein Teil des Wirbelkörpers ist am Rand des Scans abgeschnitten</translation>
    </message>
    <message>
        <source>partial</source>
        <translation>angeschnitten</translation>
    </message>
    <message>
        <source>probability according to the automatic naming: {probability}</source>
        <translation>Wahrscheinlichkeit laut automatischer Benennung: {probability}</translation>
    </message>
    <message>
        <source>receiver</source>
        <translation>Empfänger</translation>
    </message>
    <message>
        <source>recent scans</source>
        <translation>zuletzt geöffnete Scans</translation>
    </message>
    <message>
        <source>recovered</source>
        <translation>ergänzt</translation>
    </message>
    <message>
        <source>report templates</source>
        <translation>Berichtsvorlagen</translation>
    </message>
    <message>
        <source>report text</source>
        <translation>Befundtext</translation>
    </message>
    <message>
        <source>report text or key images</source>
        <translation>Berichtstext oder Schlüsselbilder</translation>
    </message>
    <message>
        <source>right</source>
        <translation>rechts</translation>
    </message>
    <message>
        <source>rim cut off</source>
        <translation>Kante am Rand</translation>
    </message>
    <message>
        <source>rim of the body</source>
        <translation>Kante des Wirbelkörpers</translation>
    </message>
    <message>
        <source>row</source>
        <translation>Zeile</translation>
    </message>
    <message>
        <source>sag.</source>
        <translation>sag.</translation>
    </message>
    <message>
        <source>sagittal</source>
        <translation>sagittal</translation>
    </message>
    <message>
        <source>save a window preset first</source>
        <translation>zuerst eine Fenstervorgabe speichern</translation>
    </message>
    <message>
        <source>secondary capture, which every DICOM viewer can display</source>
        <translation>Secondary Capture, das jeder DICOM-Viewer anzeigen kann</translation>
    </message>
    <message>
        <source>segmentation</source>
        <translation>Segmentierung</translation>
    </message>
    <message>
        <source>segmentation is running</source>
        <translation>Segmentierung läuft</translation>
    </message>
    <message>
        <source>set by hand</source>
        <translation>von Hand gesetzt</translation>
    </message>
    <message>
        <source>signal {name}</source>
        <translation>Signal {name}</translation>
    </message>
    <message>
        <source>single slice</source>
        <translation>Einzelschicht</translation>
    </message>
    <message>
        <source>slice</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>slice spacing {spacing_mm:.3g} mm</source>
        <translation>Schichtabstand {spacing_mm:.3g} mm</translation>
    </message>
    <message>
        <source>slice {number} of {count} at each position, in order of acquisition and instance number</source>
        <translation>an jeder Position Schicht {number} von {count}, sortiert nach Akquisitions- und Bildnummer</translation>
    </message>
    <message>
        <source>slice {value}</source>
        <translation>Schicht {value}</translation>
    </message>
    <message>
        <source>slices {start} to {stop} of {count}: {part} slices, {step_mm:.2f} mm apart, covering {length_mm:.0f} mm</source>
        <translation>Schichten {start} bis {stop} von {count}: {part} Schichten im Abstand von {step_mm:.2f} mm, insgesamt {length_mm:.0f} mm</translation>
    </message>
    <message>
        <source>slip</source>
        <translation>Versatz</translation>
    </message>
    <message>
        <source>smoothed with the current sigma, 0 to 1</source>
        <translation>geglättet mit dem aktuellen Sigma, 0 bis 1</translation>
    </message>
    <message>
        <source>spacing unknown</source>
        <translation>Abstand unbekannt</translation>
    </message>
    <message>
        <source>stack</source>
        <translation>Stapel</translation>
    </message>
    <message>
        <source>status {status}</source>
        <translation>Status {status}</translation>
    </message>
    <message>
        <source>structured report (SR)</source>
        <translation>strukturierter Bericht (SR)</translation>
    </message>
    <message>
        <source>structured report (SR), referring to the vertebrae if they are sent too</source>
        <translation>strukturierter Bericht (SR), verweist auf die Wirbel, wenn sie mitgesendet werden</translation>
    </message>
    <message>
        <source>study of {date}</source>
        <translation>Untersuchung vom {date}</translation>
    </message>
    <message>
        <source>the Apple GPU (MPS)</source>
        <translation>die Apple-GPU (MPS)</translation>
    </message>
    <message>
        <source>the CPU was requested</source>
        <translation>die CPU wurde vorgegeben</translation>
    </message>
    <message>
        <source>the NVIDIA GPU (CUDA)</source>
        <translation>die NVIDIA-GPU (CUDA)</translation>
    </message>
    <message>
        <source>the automatic naming favours {first} to {last} ({best}) over these names ({probability})</source>
        <translation>die automatische Benennung bevorzugt {first} bis {last} ({best}) gegenüber diesen Namen ({probability})</translation>
    </message>
    <message>
        <source>the bone probability from the segmentation network, 0 to 1</source>
        <translation>die Knochenwahrscheinlichkeit des Segmentierungsnetzes, 0 bis 1</translation>
    </message>
    <message>
        <source>the compressed image has no header</source>
        <translation>das komprimierte Bild hat keinen Header</translation>
    </message>
    <message>
        <source>the compressed image is damaged</source>
        <translation>das komprimierte Bild ist beschädigt</translation>
    </message>
    <message>
        <source>the disk is full</source>
        <translation>der Datenträger ist voll</translation>
    </message>
    <message>
        <source>the file cannot be sent: {reason}</source>
        <translation>die Datei lässt sich nicht senden: {reason}</translation>
    </message>
    <message>
        <source>the file specifies no window settings</source>
        <translation>die Datei enthält keine Fensterwerte</translation>
    </message>
    <message>
        <source>the installed PyTorch does not support MPS</source>
        <translation>das installierte PyTorch unterstützt MPS nicht</translation>
    </message>
    <message>
        <source>the object does not match its SOP class</source>
        <translation>das Objekt passt nicht zu seiner Klasse</translation>
    </message>
    <message>
        <source>the planes are not rotated</source>
        <translation>die Ebenen sind nicht gedreht</translation>
    </message>
    <message>
        <source>the same content for a browser, images included</source>
        <translation>derselbe Inhalt für einen Browser, mit Bildern</translation>
    </message>
    <message>
        <source>the slices lack {missing}, which the object needs</source>
        <translation>den Schichten fehlt {missing} (für das Objekt nötig)</translation>
    </message>
    <message>
        <source>the thresholds have not been changed yet</source>
        <translation>die Schwellen wurden noch nicht geändert</translation>
    </message>
    <message>
        <source>the values as a table, always in English</source>
        <translation>die Werte als Tabelle, immer auf Englisch</translation>
    </message>
    <message>
        <source>the values for other programs, always in English</source>
        <translation>die Werte für andere Programme, immer auf Englisch</translation>
    </message>
    <message>
        <source>there is an NVIDIA driver, but the installed PyTorch is built without CUDA or finds no GPU</source>
        <translation>es gibt einen NVIDIA-Treiber, aber das installierte PyTorch ist ohne CUDA gebaut oder findet keine GPU</translation>
    </message>
    <message>
        <source>there is no NVIDIA GPU and no Apple GPU</source>
        <translation>es gibt weder eine NVIDIA- noch eine Apple-GPU</translation>
    </message>
    <message>
        <source>there is nothing left to segment</source>
        <translation>nichts mehr zu segmentieren</translation>
    </message>
    <message>
        <source>there was not enough memory</source>
        <translation>der Arbeitsspeicher reichte nicht aus</translation>
    </message>
    <message>
        <source>this screen is too small</source>
        <translation>dieser Bildschirm ist dafür zu klein</translation>
    </message>
    <message>
        <source>threshold presets</source>
        <translation>Vorgaben für Schwellen</translation>
    </message>
    <message>
        <source>through the crosshair</source>
        <translation>durch das Fadenkreuz</translation>
    </message>
    <message>
        <source>ticked regions</source>
        <translation>abgehakte Stellen</translation>
    </message>
    <message>
        <source>time point</source>
        <translation>Zeitpunkt</translation>
    </message>
    <message>
        <source>tip cut off</source>
        <translation>Spitze am Rand</translation>
    </message>
    <message>
        <source>tip of a process or osteophyte</source>
        <translation>Spitze eines Fortsatzes oder Osteophyten</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>to check</source>
        <translation>zu prüfen</translation>
    </message>
    <message>
        <source>triangle mesh of the mask in patient coordinates (mm): .stl, .obj or .ply</source>
        <translation>Dreiecksnetz der Maske in Patientenkoordinaten (mm): .stl, .obj oder .ply</translation>
    </message>
    <message>
        <source>trigger time</source>
        <translation>Triggerzeit</translation>
    </message>
    <message>
        <source>tube voltage</source>
        <translation>Röhrenspannung</translation>
    </message>
    <message>
        <source>uncertainty of the segmentation network within the spine, 0 to 1</source>
        <translation>Unsicherheit des Segmentierungsnetzes in der Wirbelsäule, 0 bis 1</translation>
    </message>
    <message>
        <source>under 1%</source>
        <translation>unter 1 %</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>unknown Transfer Syntax</source>
        <translation>unbekannte Transfersyntax</translation>
    </message>
    <message>
        <source>unknown photometric interpretation</source>
        <translation>unbekannte Farbdarstellung</translation>
    </message>
    <message>
        <source>venous</source>
        <translation>venös</translation>
    </message>
    <message>
        <source>volume {n} of {volumes}</source>
        <translation>Volumen {n} von {volumes}</translation>
    </message>
    <message>
        <source>voxels</source>
        <translation>Voxel</translation>
    </message>
    <message>
        <source>wedge</source>
        <translation>Keil</translation>
    </message>
    <message>
        <source>window presets</source>
        <translation>Vorgaben für die Fensterung</translation>
    </message>
    <message>
        <source>with vertebrae split or merged by hand</source>
        <translation>Wirbel von Hand geteilt oder verbunden</translation>
    </message>
    <message>
        <source>with {level}?</source>
        <translation>mit {level}?</translation>
    </message>
    <message>
        <source>without {gap} at mid-height, where the bone is denser</source>
        <translation>ohne {gap} auf halber Höhe, wo der Knochen dichter ist</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>zip file of DICOM slices (.zip)</source>
        <translation>ZIP-Datei mit DICOM-Schichten (.zip)</translation>
    </message>
    <message>
        <source>{address} is not a valid address. Use the format dicom://AE-TITLE@HOST:PORT or https://HOST/PATH.</source>
        <translation>{address} ist keine gültige Adresse. Verwenden Sie das Format dicom://AE-TITEL@RECHNER:PORT oder https://RECHNER/PFAD.</translation>
    </message>
    <message>
        <source>{address} is not the address of an archive. Use the format dicom://AE-TITLE@HOST:PORT or https://HOST/PATH.</source>
        <translation>{address} ist keine Archivadresse. Verwenden Sie das Format dicom://AE-TITEL@RECHNER:PORT oder https://RECHNER/PFAD.</translation>
    </message>
    <message>
        <source>{address} is not the address of an archive. Use the format dicom://AE-TITLE@HOST:PORT.</source>
        <translation>{address} ist keine Archivadresse. Verwenden Sie das Format dicom://AE-TITEL@RECHNER:PORT.</translation>
    </message>
    <message>
        <source>{angle}, spinous process to the left</source>
        <translation>{angle}, Dornfortsatz nach links</translation>
    </message>
    <message>
        <source>{angle}, spinous process to the right</source>
        <translation>{angle}, Dornfortsatz nach rechts</translation>
    </message>
    <message>
        <source>{attribute} is missing from {number} of {count} slices (first: {file}). Export or retrieve the series again.</source>
        <translation>{attribute} fehlt in {number} von {count} Schichten (die erste: {file}). Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{basis}; {estimate}</source>
        <translation>{basis}; {estimate}</translation>
    </message>
    <message>
        <source>{caption}; the value is no longer measured here</source>
        <translation>{caption}; der Wert wird hier nicht mehr gemessen</translation>
    </message>
    <message>
        <source>{columns} × {rows}, {spacing}</source>
        <translation>{columns} × {rows}, {spacing}</translation>
    </message>
    <message>
        <source>{count} slices, {step_mm:.2f} mm apart, covering {length_mm:.0f} mm</source>
        <translation>{count} Schichten im Abstand von {step_mm:.2f} mm, insgesamt {length_mm:.0f} mm</translation>
    </message>
    <message>
        <source>{density}. Published cutoffs: {cutoffs}</source>
        <translation>{density}. Veröffentlichte Grenzwerte: {cutoffs}</translation>
    </message>
    <message>
        <source>{depth} mm behind the centre line</source>
        <translation>{depth} mm hinter der Mittellinie</translation>
    </message>
    <message>
        <source>{depth} mm in front of the centre line</source>
        <translation>{depth} mm vor der Mittellinie</translation>
    </message>
    <message>
        <source>{depth} mm left of the centre line</source>
        <translation>{depth} mm links der Mittellinie</translation>
    </message>
    <message>
        <source>{depth} mm right of the centre line</source>
        <translation>{depth} mm rechts der Mittellinie</translation>
    </message>
    <message>
        <source>{device} needs PyTorch, which is not installed (install the Spineviewer package with PyTorch, or run pip install torch)</source>
        <translation>{device} braucht PyTorch, das nicht installiert ist (installieren Sie das Spineviewer-Paket mit PyTorch, oder: pip install torch)</translation>
    </message>
    <message>
        <source>{distance} from the centre line</source>
        <translation>{distance} von der Mittellinie</translation>
    </message>
    <message>
        <source>{edit}: there is nothing to change here.</source>
        <translation>{edit}: Hier gibt es nichts zu ändern.</translation>
    </message>
    <message>
        <source>{edit}: {percent} of the mask was removed.</source>
        <translation>{edit}: {percent} der Maske wurden entfernt.</translation>
    </message>
    <message>
        <source>{edit}…</source>
        <translation>{edit}…</translation>
    </message>
    <message>
        <source>{ending} file</source>
        <translation>{ending}-Datei</translation>
    </message>
    <message>
        <source>{file} already exists. Choose another name or allow overwriting (--overwrite).</source>
        <translation>{file} gibt es schon. Wählen Sie einen anderen Namen, oder erlauben Sie das Überschreiben (--overwrite).</translation>
    </message>
    <message>
        <source>{file} belongs to another scan: it has {size} voxels, this scan has {own_size}. Choose a mask that belongs to this scan.</source>
        <translation>{file} gehört zu einem anderen Scan: Die Datei hat {size} Voxel, dieser Scan {own_size}. Wählen Sie eine Maske, die zu diesem Scan gehört.</translation>
    </message>
    <message>
        <source>{file} belongs to another scan: its voxels are in different positions. Choose a mask that belongs to this scan.</source>
        <translation>{file} gehört zu einem anderen Scan: Die Voxel liegen an anderen Positionen. Wählen Sie eine Maske, die zu diesem Scan gehört.</translation>
    </message>
    <message>
        <source>{file} cannot be decoded ({coding}: {reason}). Copy it again from the source, or decompress it with another program.</source>
        <translation>{file} lässt sich nicht dekodieren ({coding}: {reason}). Kopieren Sie die Datei erneut von der Quelle, oder dekomprimieren Sie sie mit einem anderen Programm.</translation>
    </message>
    <message>
        <source>{file} cannot be of type LABELMAP, because it is not a DICOM SEG. Use the extension .dcm, or leave out LABELMAP.</source>
        <translation>{file} kann nicht vom Typ LABELMAP sein, weil es kein DICOM SEG ist. Verwenden Sie die Endung .dcm, oder lassen Sie LABELMAP weg.</translation>
    </message>
    <message>
        <source>{file} cannot be read as weights ({reason}). Install Spineviewer again.</source>
        <translation>{file} ist nicht als Gewichte lesbar ({reason}). Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>{file} cannot be read: {reason}. Check its permissions, or copy it again from the source.</source>
        <translation>{file} ist nicht lesbar: {reason}. Prüfen Sie die Zugriffsrechte, oder kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} cannot be unpacked: {reason}. Unpack it with another program and open the folder.</source>
        <translation>{file} lässt sich nicht entpacken: {reason}. Entpacken Sie die Datei mit einem anderen Programm, und öffnen Sie den Ordner.</translation>
    </message>
    <message>
        <source>{file} cannot be written, because no vertebra was found. Export the mask instead.</source>
        <translation>{file} kann nicht geschrieben werden, weil kein Wirbel gefunden wurde. Exportieren Sie stattdessen die Maske.</translation>
    </message>
    <message>
        <source>{file} cannot be written: it is a folder. Choose another name.</source>
        <translation>{file} kann nicht geschrieben werden: Das ist ein Ordner. Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>{file} cannot be written: measurements are saved as {endings}. Choose one of these extensions.</source>
        <translation>{file} kann nicht geschrieben werden: Messungen werden als {endings} gespeichert. Wählen Sie eine dieser Endungen.</translation>
    </message>
    <message>
        <source>{file} cannot be written: the folder {folder} does not exist. Create it or choose another folder.</source>
        <translation>{file} kann nicht geschrieben werden: Den Ordner {folder} gibt es nicht. Legen Sie ihn an, oder wählen Sie einen anderen.</translation>
    </message>
    <message>
        <source>{file} cannot be written: the folder {folder} is read-only. Choose another folder.</source>
        <translation>{file} kann nicht geschrieben werden: Der Ordner {folder} ist schreibgeschützt. Wählen Sie einen anderen.</translation>
    </message>
    <message>
        <source>{file} cannot be written: {reason}. Existing files were not changed. Check permissions and free space, or choose another folder.</source>
        <translation>{file} kann nicht geschrieben werden: {reason}. Vorhandene Dateien wurden nicht verändert. Prüfen Sie Zugriffsrechte und freien Speicherplatz, oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>{file} contains a video, not a CT slice. Choose another series.</source>
        <translation>{file} enthält ein Video, keine CT-Schicht. Wählen Sie eine andere Serie.</translation>
    </message>
    <message>
        <source>{file} contains fractional values, but labels must be whole numbers. Choose another file.</source>
        <translation>{file} enthält gebrochene Zahlen; Labels müssen aber ganze Zahlen sein. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} contains more pixel data than its header describes ({rows} x {columns}, {bits} bits): the image may be distorted.</source>
        <translation>{file} enthält mehr Pixeldaten, als ihr Header beschreibt ({rows} x {columns}, {bits} Bit): Das Bild kann verzerrt sein.</translation>
    </message>
    <message>
        <source>{file} contains no CT series, only other DICOM objects: {names}. Choose another file or folder.</source>
        <translation>{file} enthält keine CT-Serie, nur andere DICOM-Objekte: {names}. Wählen Sie eine andere Datei oder einen anderen Ordner.</translation>
    </message>
    <message numerus="yes">
        <source>{file} contains no DICOM files (%n file(s) examined). Choose another file or folder.</source>
        <translation>
            <numerusform>{file} enthält keine DICOM-Dateien (%n Datei durchgesehen). Wählen Sie eine andere Datei oder einen anderen Ordner.</numerusform>
            <numerusform>{file} enthält keine DICOM-Dateien (%n Dateien durchgesehen). Wählen Sie eine andere Datei oder einen anderen Ordner.</numerusform>
        </translation>
    </message>
    <message>
        <source>{file} contains no pixels. Choose another series.</source>
        <translation>{file} enthält keine Pixel. Wählen Sie eine andere Serie.</translation>
    </message>
    <message>
        <source>{file} contains no readable CT. {first}</source>
        <translation>{file} enthält kein lesbares CT. {first}</translation>
    </message>
    <message numerus="yes">
        <source>{file} contains no readable CT. {first} %n more file(s) cannot be read either.</source>
        <translation>
            <numerusform>{file} enthält kein lesbares CT. {first} %n weitere Datei ist ebenfalls nicht lesbar.</numerusform>
            <numerusform>{file} enthält kein lesbares CT. {first} %n weitere Dateien sind ebenfalls nicht lesbar.</numerusform>
        </translation>
    </message>
    <message>
        <source>{file} contains no voxels. Choose another file.</source>
        <translation>{file} enthält keine Voxel. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} contains pixels that are not finite numbers. Export or retrieve the series again.</source>
        <translation>{file} enthält Pixel, die keine endlichen Zahlen sind. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file} contains the same scan as {other}, which is already open.</source>
        <translation>{file} enthält denselben Scan wie {other}; er ist bereits geöffnet.</translation>
    </message>
    <message>
        <source>{file} contains values from {low:g} to {high:g}, but labels must be whole numbers from 0 to 65535. Choose another file.</source>
        <translation>{file} enthält Werte von {low:g} bis {high:g}; Labels müssen aber ganze Zahlen von 0 bis 65535 sein. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} contains values of an unknown type (code {code}). Choose another file.</source>
        <translation>{file} enthält Werte eines unbekannten Typs (Code {code}). Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} contains {count} files with a total size of {declared_gb:.1f} GB, which is too much for one study. Unpack it and open one of its folders.</source>
        <translation>{file} enthält {count} Dateien mit {declared_gb:.1f} GB; das ist zu viel für eine Untersuchung. Entpacken Sie die Datei, und öffnen Sie einen der Ordner.</translation>
    </message>
    <message>
        <source>{file} contains {count} series</source>
        <translation>{file} enthält {count} Serien</translation>
    </message>
    <message>
        <source>{file} contains {count} series.</source>
        <translation>{file} enthält {count} Serien.</translation>
    </message>
    <message>
        <source>{file} contains {count} series. Choose one of them.</source>
        <translation>{file} enthält {count} Serien. Wählen Sie eine.</translation>
    </message>
    <message>
        <source>{file} contains {shape} values, but one 3-D volume is needed. Choose another file.</source>
        <translation>{file} enthält {shape} Werte; gebraucht wird ein 3D-Volumen. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} contains {shape} voxels and needs {declared_gib:.1f} GiB of memory, but only {free_gib:.1f} GiB is free. Close other programs or choose a smaller series.</source>
        <translation>{file} enthält {shape} Voxel und braucht {declared_gib:.1f} GiB Arbeitsspeicher; {free_gib:.1f} GiB sind frei. Schließen Sie andere Programme, oder wählen Sie eine kleinere Serie.</translation>
    </message>
    <message>
        <source>{file} contains {text}, but one 3-D volume is needed. Choose another file.</source>
        <translation>{file} enthält {text}; gebraucht wird ein 3D-Volumen. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} contains {volumes} volumes of {shape} voxels (time points or phases).</source>
        <translation>{file} enthält {volumes} Volumina mit je {shape} Voxeln (Zeitpunkte oder Phasen).</translation>
    </message>
    <message>
        <source>{file} crashed the file reader and was not read: it is damaged or malicious. Copy it again from the source.</source>
        <translation>{file} brachte das Leseprogramm zum Absturz und wurde nicht gelesen: Die Datei ist beschädigt oder bösartig. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} crashed the file reader and was skipped. Copy it again from the source.</source>
        <translation>{file} brachte das Leseprogramm zum Absturz und wurde übersprungen. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} does not contain the series {uid}. Choose one of its series.</source>
        <translation>{file} enthält die Serie {uid} nicht. Wählen Sie eine der enthaltenen Serien.</translation>
    </message>
    <message>
        <source>{file} does not exist. Check the path.</source>
        <translation>{file} gibt es nicht. Prüfen Sie den Pfad.</translation>
    </message>
    <message>
        <source>{file} does not have a NIfTI, NRRD or MetaImage file extension. Choose another file.</source>
        <translation>{file} hat keine Dateiendung von NIfTI, NRRD oder MetaImage. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} does not have an extension for surfaces. Choose one of these: {endings}.</source>
        <translation>{file} hat keine Endung für Oberflächen. Wählen Sie eine von diesen: {endings}.</translation>
    </message>
    <message>
        <source>{file} does not match its network ({first_line}). Install Spineviewer again.</source>
        <translation>{file} passt nicht zu seinem Netz ({first_line}). Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>{file} does not store plain numbers ({dtype}): colours and complex numbers are not CT values. Choose another file.</source>
        <translation>{file} enthält keine einfachen Zahlen ({dtype}): Farben und komplexe Zahlen sind keine CT-Werte. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} has a damaged MetaImage header: the image size is given as {value!r}. Copy it again from the source.</source>
        <translation>{file} hat einen beschädigten MetaImage-Header: Als Bildgröße steht dort {value!r}. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} has a damaged NIfTI header: the image size is given as {dim}. Copy it again from the source.</source>
        <translation>{file} hat einen beschädigten NIfTI-Header: Als Bildgröße steht dort {dim}. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} has a damaged NIfTI header: the voxels start at byte {offset:g}. Copy it again from the source.</source>
        <translation>{file} hat einen beschädigten NIfTI-Header: Die Voxel beginnen laut Header bei Byte {offset:g}. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} has a damaged NIfTI header: the voxels start inside the header. Copy it again from the source.</source>
        <translation>{file} hat einen beschädigten NIfTI-Header: Die Voxel beginnen laut Header mitten in ihm. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} has a damaged NIfTI header: {reason}. Copy it again from the source.</source>
        <translation>{file} hat einen beschädigten NIfTI-Header: {reason}. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} has a damaged NRRD header: the image size is given as {value}. Copy it again from the source.</source>
        <translation>{file} hat einen beschädigten NRRD-Header: Als Bildgröße steht dort {value}. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} has a damaged header ({kind}). Copy it again from the source.</source>
        <translation>{file} hat einen beschädigten Header ({kind}). Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} has a damaged {kind} header ({reason}). Copy it again from the source.</source>
        <translation>{file} hat einen beschädigten {kind}-Header ({reason}). Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} has an unknown encoding: &apos;{value}&apos;. Convert the file to another format.</source>
        <translation>{file} hat eine unbekannte Kodierung: „{value}“. Wandeln Sie die Datei in ein anderes Format um.</translation>
    </message>
    <message>
        <source>{file} has an unknown extension. Choose one of these: {endings}.</source>
        <translation>{file} hat eine unbekannte Endung. Wählen Sie eine von diesen: {endings}.</translation>
    </message>
    <message>
        <source>{file} has as many voxels as this scan, but in different positions, so the two cannot be compared. Choose a mask that belongs to this scan.</source>
        <translation>{file} hat so viele Voxel wie dieser Scan, aber an anderen Positionen. Ein Vergleich ist deshalb nicht möglich. Wählen Sie eine Maske, die zu diesem Scan gehört.</translation>
    </message>
    <message>
        <source>{file} has format version {found}, but this program reads version {wanted}. Install the version of Spineviewer that the weights belong to.</source>
        <translation>{file} hat die Formatversion {found}, dieses Programm liest aber Version {wanted}. Installieren Sie die Version von Spineviewer, zu der die Gewichte gehören.</translation>
    </message>
    <message>
        <source>{file} is a colour image ({samples} samples per pixel), not a CT slice. Choose another series.</source>
        <translation>{file} ist ein Farbbild ({samples} Werte je Pixel), keine CT-Schicht. Wählen Sie eine andere Serie.</translation>
    </message>
    <message>
        <source>{file} is a damaged zip file: a file in it is larger than stated. Copy it again from the source.</source>
        <translation>{file} ist eine beschädigte ZIP-Datei: Eine Datei darin ist größer als angegeben. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is a damaged zip file: {reason}. Copy it again from the source.</source>
        <translation>{file} ist eine beschädigte ZIP-Datei: {reason}. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is an ANALYZE 7.5 file, which cannot distinguish left from right. Convert it to NIfTI.</source>
        <translation>{file} ist eine ANALYZE-7.5-Datei, die links und rechts nicht unterscheidet. Wandeln Sie sie in NIfTI um.</translation>
    </message>
    <message>
        <source>{file} is damaged or truncated and cannot be unpacked. Copy it again from the source.</source>
        <translation>{file} ist beschädigt oder unvollständig und lässt sich nicht entpacken. Kopieren Sie die Datei noch einmal von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is damaged: it declares {declared} pixels but has only {size} bytes. Copy it again from the source.</source>
        <translation>{file} ist beschädigt: Laut Header enthält die Datei {declared} Pixel, sie hat aber nur {size} Byte. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is damaged: its compressed data cannot be unpacked. Copy it again from the source.</source>
        <translation>{file} ist beschädigt: Die komprimierten Daten lassen sich nicht entpacken. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is damaged: its header describes {rows} x {columns} pixels, but its image has {stated_rows} x {stated_columns}. Copy it again from the source.</source>
        <translation>{file} ist beschädigt: Laut Header sind es {rows} x {columns} Pixel, das Bild hat aber {stated_rows} x {stated_columns}. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is damaged: its header skips a negative number of lines or bytes ({line_skip}, {byte_skip}). Copy it again from the source.</source>
        <translation>{file} ist beschädigt: Der Header überspringt eine negative Zahl von Zeilen oder Byte ({line_skip}, {byte_skip}). Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is damaged: its image has {bits} bits per pixel. Copy it again from the source.</source>
        <translation>{file} ist beschädigt: Das Bild hat {bits} Bit je Pixel. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is empty (0 bytes). Copy it again from the source.</source>
        <translation>{file} ist leer (0 Byte). Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is not a DICOM file, or it is damaged. Copy it again from the source.</source>
        <translation>{file} ist keine DICOM-Datei oder beschädigt. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is not a DICOM file. Choose another file.</source>
        <translation>{file} ist keine DICOM-Datei. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} is not a DICOM segmentation that Spineviewer can read ({kind}). Choose another file.</source>
        <translation>{file} ist keine DICOM-Segmentierung, die Spineviewer lesen kann ({kind}). Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} is not a MetaImage file, despite its name: ElementDataFile is missing. Choose another file, or correct the file extension.</source>
        <translation>{file} ist trotz des Namens keine MetaImage-Datei: ElementDataFile fehlt. Wählen Sie eine andere Datei, oder berichtigen Sie die Endung.</translation>
    </message>
    <message>
        <source>{file} is not a NIfTI file, despite its name. Choose another file, or correct the file extension.</source>
        <translation>{file} ist trotz des Namens keine NIfTI-Datei. Wählen Sie eine andere Datei, oder berichtigen Sie die Endung.</translation>
    </message>
    <message>
        <source>{file} is not a Spineviewer session. Choose another file.</source>
        <translation>{file} ist keine Spineviewer-Sitzung. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} is not a folder. Choose a folder.</source>
        <translation>{file} ist kein Ordner. Wählen Sie einen Ordner.</translation>
    </message>
    <message>
        <source>{file} is not a weights file ({reason}). Install Spineviewer again.</source>
        <translation>{file} ist keine Datei mit Gewichten ({reason}). Installieren Sie Spineviewer neu.</translation>
    </message>
    <message>
        <source>{file} is not an NRRD file, despite its name. Choose another file, or correct the file extension.</source>
        <translation>{file} ist trotz des Namens keine NRRD-Datei. Wählen Sie eine andere Datei, oder berichtigen Sie die Endung.</translation>
    </message>
    <message>
        <source>{file} is not an image that Spineviewer can read. Choose a DICOM, NIfTI, NRRD or MetaImage file.</source>
        <translation>{file} ist kein Bild, das Spineviewer lesen kann. Wählen Sie eine DICOM-, NIfTI-, NRRD- oder MetaImage-Datei.</translation>
    </message>
    <message>
        <source>{file} is one of a pair of files, but {other} is not in the same folder. Copy both files to one folder.</source>
        <translation>{file} gehört zu einem Dateipaar, aber {other} ist nicht im selben Ordner. Kopieren Sie beide Dateien in einen Ordner.</translation>
    </message>
    <message>
        <source>{file} is password-protected. Unpack it and open the folder.</source>
        <translation>{file} ist durch ein Passwort geschützt. Entpacken Sie die Datei, und öffnen Sie den Ordner.</translation>
    </message>
    <message>
        <source>{file} is too large for a Spineviewer session. Choose another file.</source>
        <translation>{file} ist zu groß für eine Spineviewer-Sitzung. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} is truncated or contains no pixel data. Copy it again from the source.</source>
        <translation>{file} ist unvollständig oder enthält keine Pixeldaten. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is truncated or damaged: {rows} x {columns} pixels need {length} bytes, but only {bytes_there} are present. Copy it again from the source.</source>
        <translation>{file} ist unvollständig oder beschädigt: {rows} x {columns} Pixel brauchen {length} Byte, aber nur {bytes_there} sind vorhanden. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is truncated: it should contain {declared} bytes of pixel data, but only {there} are present. Copy it again from the source.</source>
        <translation>{file} ist unvollständig: Die Datei sollte {declared} Byte Pixeldaten enthalten, aber nur {there} sind vorhanden. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is truncated: its compressed data ends early. Copy it again from the source.</source>
        <translation>{file} ist unvollständig: Die komprimierten Daten enden vorzeitig. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} is truncated: only {received_mb:.1f} of {declared_mb:.1f} MB of voxel data is present. Copy it again from the source.</source>
        <translation>{file} ist unvollständig: Nur {received_mb:.1f} von {declared_mb:.1f} MB Voxel sind vorhanden. Kopieren Sie die Datei erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} lacks an identifier that every DICOM object must have. Export it again from its source.</source>
        <translation>{file} fehlt eine Kennung, die jedes DICOM-Objekt haben muss. Exportieren Sie die Datei neu aus der Quelle.</translation>
    </message>
    <message>
        <source>{file} needs more memory than is available. Close other programs and try again.</source>
        <translation>{file} braucht mehr Arbeitsspeicher, als frei ist. Schließen Sie andere Programme, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>{file} needs {declared_gb:.1f} GB of temporary space, but only {free_gb:.1f} GB is free. Free some space and try again.</source>
        <translation>{file} braucht vorübergehend {declared_gb:.1f} GB Platz, aber nur {free_gb:.1f} GB sind frei. Schaffen Sie Platz, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>{file} needs {declared_gib:.1f} GiB in {folder} while it is being read, but only {room_gib:.1f} GiB is free there. Free some space and try again.</source>
        <translation>{file} braucht beim Lesen {declared_gib:.1f} GiB in {folder}, dort sind aber nur {room_gib:.1f} GiB frei. Schaffen Sie Platz, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>{file} needs {needed_mb:.0f} MB, but only {free_mb:.0f} MB is free on that disk. Free some space and try again.</source>
        <translation>{file} braucht {needed_mb:.0f} MB, auf diesem Datenträger sind aber nur {free_mb:.0f} MB frei. Schaffen Sie Platz, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>{file} should have {rows} x {columns} pixels but contains {shape}. Export or retrieve the series again.</source>
        <translation>{file} sollte {rows} x {columns} Pixel haben, enthält aber {shape}. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file} should have {shape} voxels ({declared_mb:.1f} MB), but has only {size_mb:.3f} MB. The file is damaged or truncated. Copy it again from the source.</source>
        <translation>{file} sollte {shape} Voxel haben ({declared_mb:.1f} MB), hat aber nur {size_mb:.3f} MB. Die Datei ist beschädigt oder unvollständig. Kopieren Sie sie erneut von der Quelle.</translation>
    </message>
    <message>
        <source>{file} stores &apos;{value}&apos;, not plain numbers. Choose another file.</source>
        <translation>{file} enthält „{value}“, keine einfachen Zahlen. Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{file} stores its voxels in {name!r}, which is missing. Copy {name!r} to the same folder as {file}.</source>
        <translation>{file} hat seine Voxel in {name!r}, die Datei fehlt aber. Kopieren Sie {name!r} in denselben Ordner wie {file}.</translation>
    </message>
    <message>
        <source>{file} unpacks to more than {max_mb} MB, which is too large for a CT slice. Choose another series.</source>
        <translation>{file} ist entpackt größer als {max_mb} MB: zu groß für eine CT-Schicht. Wählen Sie eine andere Serie.</translation>
    </message>
    <message>
        <source>{file} was saved by another version ({program}) and cannot be opened. Open it with that version.</source>
        <translation>{file} wurde mit einer anderen Version ({program}) gespeichert und lässt sich nicht öffnen. Öffnen Sie die Datei mit dieser Version.</translation>
    </message>
    <message>
        <source>{file} was written, but the drive did not confirm it: {reason}. Check the drive, and write the file again.</source>
        <translation>{file} wurde geschrieben, aber das Laufwerk hat es nicht bestätigt: {reason}. Prüfen Sie das Laufwerk, und schreiben Sie die Datei erneut.</translation>
    </message>
    <message>
        <source>{file}: High Bit {high} and Bits Stored {stored} contradict the pixels, which use lower bits as well. Export or retrieve the series again.</source>
        <translation>{file}: High Bit {high} und Bits Stored {stored} widersprechen den Pixeln, die auch niedrigere Bits benutzen. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: Pixel Representation, which specifies whether pixels are signed, is neither 0 nor 1. Export or retrieve the series again.</source>
        <translation>{file}: Pixel Representation gibt an, ob Pixel ein Vorzeichen haben, ist aber weder 0 noch 1. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: Rescale Slope is 0, so all pixels would have the same value. Export or retrieve the series again.</source>
        <translation>{file}: Rescale Slope ist 0, sodass alle Pixel denselben Wert hätten. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: files of this format cannot contain this result. Choose another extension: {endings}.</source>
        <translation>{file}: Dateien dieses Formats können dieses Ergebnis nicht enthalten. Wählen Sie eine andere Endung: {endings}.</translation>
    </message>
    <message>
        <source>{file}: pixels with Bits Allocated {allocated}, Bits Stored {stored} and High Bit {high} cannot be read. Export or retrieve the series again.</source>
        <translation>{file}: Pixel mit Bits Allocated {allocated}, Bits Stored {stored} und High Bit {high} können nicht gelesen werden. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: the Transfer Syntax specifies compressed pixels, but the pixels are not compressed. Export or retrieve the series again.</source>
        <translation>{file}: Die Transfersyntax gibt komprimierte Pixel an, die Pixel sind aber nicht komprimiert. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: the header and the compressed image disagree on whether pixels are signed (Pixel Representation {representation}, Bits Stored {stored}; the compressed image has {bits} bits). Export or retrieve the series again.</source>
        <translation>{file}: Header und komprimiertes Bild widersprechen sich beim Vorzeichen der Pixel (Pixel Representation {representation}, Bits Stored {stored}; das komprimierte Bild hat {bits} Bit). Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: the header describes a grey-scale image, but the compressed image has {components} components. Export or retrieve the series again.</source>
        <translation>{file}: Der Header beschreibt ein Graustufenbild, das komprimierte Bild hat aber {components} Komponenten. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: the pixels are compressed, but the Transfer Syntax specifies uncompressed pixels. Export or retrieve the series again.</source>
        <translation>{file}: Die Pixel sind komprimiert, die Transfersyntax gibt aber unkomprimierte Pixel an. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: the pixels are {bits}-bit floating-point numbers, but Bits Allocated is {allocated}. Export or retrieve the series again.</source>
        <translation>{file}: Die Pixel sind {bits}-Bit-Gleitkommazahlen, Bits Allocated ist aber {allocated}. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: {attribute} is not a valid number. Export or retrieve the series again.</source>
        <translation>{file}: {attribute} ist keine gültige Zahl. Exportieren Sie die Serie neu, oder rufen Sie sie erneut ab.</translation>
    </message>
    <message>
        <source>{file}: {obstacle}</source>
        <translation>{file}: {obstacle}</translation>
    </message>
    <message>
        <source>{file}: {obstacle} Choose another extension.</source>
        <translation>{file}: {obstacle} Wählen Sie eine andere Endung.</translation>
    </message>
    <message>
        <source>{file}: {reason}</source>
        <translation>{file}: {reason}</translation>
    </message>
    <message numerus="yes">
        <source>{first} %n more of the {count} slices cannot be read either.</source>
        <translation>
            <numerusform>{first} %n weitere von {count} Schichten ist ebenfalls nicht lesbar.</numerusform>
            <numerusform>{first} %n weitere von {count} Schichten sind ebenfalls nicht lesbar.</numerusform>
        </translation>
    </message>
    <message>
        <source>{first} to {last}</source>
        <translation>{first} bis {last}</translation>
    </message>
    <message>
        <source>{flag} to check, {hand} set by hand</source>
        <translation>{flag} zu prüfen, {hand} von Hand gesetzt</translation>
    </message>
    <message>
        <source>{folder} already exists and is not an empty folder. Choose another name.</source>
        <translation>{folder} gibt es schon, und es ist kein leerer Ordner. Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>{folder} cannot be written to: {reason}. Check its permissions and free space, or choose another folder.</source>
        <translation>{folder} lässt sich nicht beschreiben: {reason}. Prüfen Sie Zugriffsrechte und freien Speicherplatz, oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>{folder} contains more than {most} files. Choose the folder of one study.</source>
        <translation>{folder} enthält mehr als {most} Dateien. Wählen Sie den Ordner einer einzelnen Untersuchung.</translation>
    </message>
    <message>
        <source>{folder} contains no scan. Choose another folder.</source>
        <translation>{folder} enthält keinen Scan. Wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>{folder} does not exist. Check the path.</source>
        <translation>{folder} gibt es nicht. Prüfen Sie den Pfad.</translation>
    </message>
    <message>
        <source>{folder} is inside the folder of the original files. Choose a folder elsewhere.</source>
        <translation>{folder} liegt im Ordner der Originale. Wählen Sie einen Ordner an anderer Stelle.</translation>
    </message>
    <message>
        <source>{folder} is not an empty folder. Choose a new or empty folder.</source>
        <translation>{folder} ist kein leerer Ordner. Wählen Sie einen neuen oder leeren Ordner.</translation>
    </message>
    <message>
        <source>{formats} from {time}</source>
        <translation>{formats} vom {time}</translation>
    </message>
    <message>
        <source>{grade}{unsure} ({loss})</source>
        <translation>{grade}{unsure} ({loss})</translation>
    </message>
    <message>
        <source>{grade}{unsure} {shape} ({loss})</source>
        <translation>{grade}{unsure} {shape} ({loss})</translation>
    </message>
    <message>
        <source>{group} in {file}: {reason}</source>
        <translation>{group} in {file}: {reason}</translation>
    </message>
    <message>
        <source>{hu:.0f} HU ({meaning})</source>
        <translation>{hu:.0f} HU ({meaning})</translation>
    </message>
    <message>
        <source>{key} is used by &apos;{command}&apos;. Choose another shortcut, or remove {key} from that command first.</source>
        <translation>{key} gehört zu „{command}“. Wählen Sie ein anderes Tastenkürzel, oder entfernen Sie {key} zuerst bei diesem Befehl.</translation>
    </message>
    <message>
        <source>{kind} is not a SimpleITK image. Load the file with SimpleITK, or use sv.read.</source>
        <translation>{kind} ist kein SimpleITK-Bild. Laden Sie die Datei mit SimpleITK, oder verwenden Sie sv.read.</translation>
    </message>
    <message>
        <source>{kind} is not a nibabel image. Load the file with nibabel, or use sv.read.</source>
        <translation>{kind} ist kein nibabel-Bild. Laden Sie die Datei mit nibabel, oder verwenden Sie sv.read.</translation>
    </message>
    <message>
        <source>{kind}{label}</source>
        <translation>{kind}{label}</translation>
    </message>
    <message>
        <source>{label}: {value}</source>
        <translation>{label}: {value}</translation>
    </message>
    <message>
        <source>{least:.0f} to {most}</source>
        <translation>{least:.0f} bis {most}</translation>
    </message>
    <message>
        <source>{length} across</source>
        <translation>{length} quer</translation>
    </message>
    <message>
        <source>{level} is not graded, because its vertebral body is naturally wedged.</source>
        <translation>{level} wird nicht graduiert, weil sein Wirbelkörper von Natur aus keilförmig ist.</translation>
    </message>
    <message>
        <source>{level} is not in this scan</source>
        <translation>{level} fehlt in diesem Scan</translation>
    </message>
    <message>
        <source>{level} is not in this scan; nearest: {nearest}</source>
        <translation>{level} fehlt in diesem Scan; am nächsten: {nearest}</translation>
    </message>
    <message>
        <source>{level}: {hu}</source>
        <translation>{level}: {hu}</translation>
    </message>
    <message>
        <source>{level}: {note}</source>
        <translation>{level}: {note}</translation>
    </message>
    <message>
        <source>{line}, {more}</source>
        <translation>{line}, {more}</translation>
    </message>
    <message>
        <source>{mean:.0f} ± {spread}</source>
        <translation>{mean:.0f} ± {spread}</translation>
    </message>
    <message>
        <source>{missing} of {count} images did not arrive. Try again: only the missing images will be retrieved.</source>
        <translation>{missing} von {count} Bildern sind nicht angekommen. Versuchen Sie es erneut: Nur die fehlenden Bilder werden abgerufen.</translation>
    </message>
    <message>
        <source>{modality} colour image ({colour})</source>
        <translation>{modality}-Farbbild ({colour})</translation>
    </message>
    <message>
        <source>{modality} screen capture</source>
        <translation>{modality}-Bildschirmaufnahme</translation>
    </message>
    <message>
        <source>{names} ({probability})</source>
        <translation>{names} ({probability})</translation>
    </message>
    <message>
        <source>{name} has no DICOM address (AE title, host and port). Add one in the archive settings.</source>
        <translation>{name} hat keine DICOM-Adresse (AE-Titel, Rechner und Port). Tragen Sie sie in den Archiv-Einstellungen ein.</translation>
    </message>
    <message>
        <source>{name} has no DICOMweb address. Add one in the archive settings.</source>
        <translation>{name} hat keine DICOMweb-Adresse. Tragen Sie sie in den Archiv-Einstellungen ein.</translation>
    </message>
    <message>
        <source>{name} has the shape {shape} and the type {dtype}. Use an image with three axes and one real number (HU) per voxel.</source>
        <translation>{name} hat die Form {shape} und den Typ {dtype}. Verwenden Sie ein Bild mit drei Achsen und einer reellen Zahl (HU) je Voxel.</translation>
    </message>
    <message>
        <source>{name} is not in view: this scan shows {first} to {last}.</source>
        <translation>{name} ist nicht im Bild: Dieser Scan zeigt {first} bis {last}.</translation>
    </message>
    <message>
        <source>{name} is not the name of a vertebra. Use C1 to C7, T1 to T13 or L1 to L6.</source>
        <translation>{name} ist kein Name eines Wirbels. Möglich sind C1 bis C7, T1 bis T13 und L1 bis L6.</translation>
    </message>
    <message>
        <source>{name} is the last level of the spine, but there are vertebrae below this one. Choose another name.</source>
        <translation>{name} ist der letzte Wirbel der Wirbelsäule, unter diesem liegen aber weitere. Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>{name} specifies a voxel size of zero. Correct the spacing.</source>
        <translation>{name} enthält die Voxelgröße null. Berichtigen Sie den Voxelabstand.</translation>
    </message>
    <message>
        <source>{name} view</source>
        <translation>Ansicht {name}</translation>
    </message>
    <message>
        <source>{name} view of the other scan</source>
        <translation>Ansicht {name} des anderen Scans</translation>
    </message>
    <message>
        <source>{name} view, second grey-scale window</source>
        <translation>Ansicht {name}, zweite Fensterung</translation>
    </message>
    <message>
        <source>{name} {value}</source>
        <translation>{name} {value}</translation>
    </message>
    <message>
        <source>{name}, named by hand</source>
        <translation>{name}, von Hand benannt</translation>
    </message>
    <message>
        <source>{name}, {text}</source>
        <translation>{name}, {text}</translation>
    </message>
    <message>
        <source>{number}  {kind}, {place}</source>
        <translation>{number}  {kind}, {place}</translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation>{number} von {count}</translation>
    </message>
    <message>
        <source>{number} of {count} done</source>
        <translation>{number} von {count} fertig</translation>
    </message>
    <message>
        <source>{number} of {count} files and folders could not be opened.</source>
        <translation>{number} von {count} Dateien und Ordnern konnten nicht geöffnet werden.</translation>
    </message>
    <message>
        <source>{number}: {what}</source>
        <translation>{number}: {what}</translation>
    </message>
    <message>
        <source>{old_first} to {old_last} are now named {new_first} to {new_last}. Undo this if it is wrong.</source>
        <translation>{old_first} bis {old_last} heißen jetzt {new_first} bis {new_last}. Wenn das falsch ist, machen Sie es rückgängig.</translation>
    </message>
    <message>
        <source>{old} is now {new}</source>
        <translation>{old} heißt jetzt {new}</translation>
    </message>
    <message>
        <source>{place} can neither send nor accept DICOM in this encoding. Ask its administrator which encodings it supports.</source>
        <translation>{place} kann DICOM in dieser Kodierung weder senden noch annehmen. Fragen Sie den Administrator, welche Kodierungen möglich sind.</translation>
    </message>
    <message>
        <source>{place} cannot be reached, or closed the connection. Check the address and try again.</source>
        <translation>{place} ist nicht erreichbar oder hat die Verbindung abgebrochen. Prüfen Sie die Adresse, und versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>{place} cannot be reached: {reason}. Check the address and the network.</source>
        <translation>{place} ist nicht erreichbar: {reason}. Prüfen Sie Adresse und Netz.</translation>
    </message>
    <message>
        <source>{place} closed the connection. It may not be a DICOM archive, or it may require TLS or a certificate. Check the archive settings.</source>
        <translation>{place} hat die Verbindung geschlossen. Vielleicht ist es kein DICOM-Archiv, oder es verlangt TLS oder ein Zertifikat. Prüfen Sie die Archiv-Einstellungen.</translation>
    </message>
    <message>
        <source>{place} does not permit this user to perform the operation. Ask its administrator for permission.</source>
        <translation>{place} erlaubt diesem Benutzer das nicht. Bitten Sie den Administrator um die Berechtigung.</translation>
    </message>
    <message>
        <source>{place} has no storage space left. Ask its administrator to free some space.</source>
        <translation>{place} hat keinen Speicherplatz mehr. Bitten Sie den Administrator, Platz zu schaffen.</translation>
    </message>
    <message>
        <source>{place} has no such study, series or image. Check the address and the UID.</source>
        <translation>{place} kennt diese Untersuchung, diese Serie oder dieses Bild nicht. Prüfen Sie Adresse und UID.</translation>
    </message>
    <message>
        <source>{place} has not responded for {seconds:.0f} s. Try again.</source>
        <translation>{place} antwortet seit {seconds:.0f} s nicht. Versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>{place} is busy. Try again later.</source>
        <translation>{place} ist ausgelastet. Versuchen Sie es später erneut.</translation>
    </message>
    <message>
        <source>{place} is not responding. Check the address and the network.</source>
        <translation>{place} antwortet nicht. Prüfen Sie Adresse und Netz.</translation>
    </message>
    <message>
        <source>{place} rejected the login. The password is wrong, or the token has expired. Enter the password or token again in the archive settings.</source>
        <translation>{place} hat die Anmeldung nicht angenommen. Das Passwort ist falsch, oder das Token ist abgelaufen. Geben Sie Passwort oder Token in den Archiv-Einstellungen neu ein.</translation>
    </message>
    <message>
        <source>{place} rejected the request (status {status}). Check the address, or ask its administrator.</source>
        <translation>{place} hat die Anfrage abgelehnt (Status {status}). Prüfen Sie die Adresse, oder fragen Sie den Administrator.</translation>
    </message>
    <message>
        <source>{place} reports an internal error (status {status}). Try again later, or ask its administrator.</source>
        <translation>{place} meldet einen internen Fehler (Status {status}). Versuchen Sie es später erneut, oder fragen Sie den Administrator.</translation>
    </message>
    <message>
        <source>{place} requires a login. Enter a user name and password, or a token, in the archive settings.</source>
        <translation>{place} verlangt eine Anmeldung. Tragen Sie Benutzername und Passwort oder ein Token in den Archiv-Einstellungen ein.</translation>
    </message>
    <message>
        <source>{place} responds, but is not a DICOMweb archive. Check the address.</source>
        <translation>{place} antwortet, ist aber kein DICOMweb-Archiv. Prüfen Sie die Adresse.</translation>
    </message>
    <message>
        <source>{place}, {quantity}</source>
        <translation>{place}, {quantity}</translation>
    </message>
    <message>
        <source>{plane} {number}</source>
        <translation>{plane} {number}</translation>
    </message>
    <message>
        <source>{plane}, obl.</source>
        <translation>{plane}, schräg</translation>
    </message>
    <message>
        <source>{plane}, oblique</source>
        <translation>{plane}, schräg</translation>
    </message>
    <message>
        <source>{plane}, oblique {oblique_deg:.0f}°</source>
        <translation>{plane}, schräg {oblique_deg:.0f}°</translation>
    </message>
    <message>
        <source>{plane}, rotated {tilt_deg:.0f}°</source>
        <translation>{plane}, gedreht {tilt_deg:.0f}°</translation>
    </message>
    <message>
        <source>{port} is not a valid port. Use a number from 1 to 65535.</source>
        <translation>{port} ist kein gültiger Port. Verwenden Sie eine Zahl von 1 bis 65535.</translation>
    </message>
    <message>
        <source>{quantity} of the grey-scale window</source>
        <translation>{quantity} der Fensterung</translation>
    </message>
    <message>
        <source>{quantity} of the prior scan</source>
        <translation>{quantity} der Voruntersuchung</translation>
    </message>
    <message>
        <source>{region}, 1 of {count}. Going to the next region ticks this one as seen.</source>
        <translation>{region}, 1 von {count}. Der Schritt zur nächsten Stelle hakt diese als gesehen ab.</translation>
    </message>
    <message>
        <source>{region}, no longer uncertain</source>
        <translation>{region}, nicht mehr unsicher</translation>
    </message>
    <message>
        <source>{result} has an unknown extension. Choose one of these: {endings}.</source>
        <translation>{result} hat eine unbekannte Endung. Wählen Sie eine von diesen: {endings}.</translation>
    </message>
    <message>
        <source>{scan}: no comparison</source>
        <translation>{scan}: kein Vergleich</translation>
    </message>
    <message numerus="yes">
        <source>{seen} of %n seen</source>
        <translation>
            <numerusform>{seen} von %n gesehen</numerusform>
            <numerusform>{seen} von %n gesehen</numerusform>
        </translation>
    </message>
    <message>
        <source>{shape} values</source>
        <translation>{shape} Werte</translation>
    </message>
    <message>
        <source>{signature}. The mask has changed since.</source>
        <translation>{signature}. Seitdem wurde die Maske geändert.</translation>
    </message>
    <message>
        <source>{slab} {value}, slice {slice_value}</source>
        <translation>{slab} {value}, Schicht {slice_value}</translation>
    </message>
    <message numerus="yes">
        <source>{slab}, %n slice(s)</source>
        <translation>
            <numerusform>{slab}, %n Schicht</numerusform>
            <numerusform>{slab}, %n Schichten</numerusform>
        </translation>
    </message>
    <message>
        <source>{slip_mm:+.1f} mm ({percent:.0f}%)</source>
        <translation>{slip_mm:+.1f} mm ({percent:.0f} %)</translation>
    </message>
    <message>
        <source>{stage} · {time} left</source>
        <translation>{stage} · noch {time}</translation>
    </message>
    <message>
        <source>{study} has arrived.</source>
        <translation>{study} ist angekommen.</translation>
    </message>
    <message>
        <source>{subject}: {scan}</source>
        <translation>{subject}: {scan}</translation>
    </message>
    <message>
        <source>{text} does not specify a study. Use the format https://HOST/PATH/studies/UID/series/UID.</source>
        <translation>{text} gibt keine Untersuchung an. Verwenden Sie das Format https://RECHNER/PFAD/studies/UID/series/UID.</translation>
    </message>
    <message>
        <source>{text} does not specify a study. Use the format {start}STUDY-UID/SERIES-UID.</source>
        <translation>{text} gibt keine Untersuchung an. Verwenden Sie das Format {start}STUDIEN-UID/SERIEN-UID.</translation>
    </message>
    <message>
        <source>{text}; apex {apex}</source>
        <translation>{text}; Scheitel {apex}</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <source>{transport} in {time_ms:.0f} ms</source>
        <translation>{transport} in {time_ms:.0f} ms</translation>
    </message>
    <message>
        <source>{uneven} Only slices {start} to {stop} of {count} are shown.</source>
        <translation>{uneven} Nur die Schichten {start} bis {stop} von {count} werden gezeigt.</translation>
    </message>
    <message>
        <source>{upper} and {lower} are now one vertebra, named {name}. Undo this if it is wrong.</source>
        <translation>{upper} und {lower} sind jetzt ein Wirbel mit dem Namen {name}. Machen Sie den Schritt rückgängig, wenn das falsch ist.</translation>
    </message>
    <message>
        <source>{url} is not the address of a DICOMweb archive. Use the format https://HOST/PATH.</source>
        <translation>{url} ist nicht die Adresse eines DICOMweb-Archivs. Verwenden Sie das Format https://RECHNER/PFAD.</translation>
    </message>
    <message>
        <source>{value:+.0f}%</source>
        <translation>{value:+.0f} %</translation>
    </message>
    <message>
        <source>{value:.0f}%</source>
        <translation>{value:.0f} %</translation>
    </message>
    <message>
        <source>{value:.1f}%</source>
        <translation>{value:.1f} %</translation>
    </message>
    <message>
        <source>{value}      {where} mm      voxel {x}, {y}, {z}</source>
        <translation>{value}      {where} mm      Voxel {x}, {y}, {z}</translation>
    </message>
    <message>
        <source>{value} ± {uncertainty}</source>
        <translation>{value} ± {uncertainty}</translation>
    </message>
    <message>
        <source>{value}, {area}</source>
        <translation>{value}, {area}</translation>
    </message>
    <message>
        <source>{volume_ml:.0f} ml of the mask is not assigned to any vertebra. Remove it if it is not part of the spine.</source>
        <translation>{volume_ml:.0f} ml der Maske sind keinem Wirbel zugeordnet. Entfernen Sie sie, falls sie nicht zur Wirbelsäule gehören.</translation>
    </message>
    <message>
        <source>{what}: the grids differ (shapes {shape} and {other_shape}, spacings {spacing_mm} and {other_spacing_mm} mm, origins {origin_mm} and {other_origin_mm} mm). Choose files with the same grid.</source>
        <translation>{what}: Die Gitter unterscheiden sich (Formen {shape} und {other_shape}, Abstände {spacing_mm} und {other_spacing_mm} mm, Ursprünge {origin_mm} und {other_origin_mm} mm). Wählen Sie Dateien mit demselben Gitter.</translation>
    </message>
    <message>
        <source>{when}: {contents}</source>
        <translation>{when}: {contents}</translation>
    </message>
    <message>
        <source>{x:.2f} × {y:.2f} mm, slices {z:.2f} mm apart</source>
        <translation>{x:.2f} × {y:.2f} mm, Schichtabstand {z:.2f} mm</translation>
    </message>
    <message>
        <source>{x:.2f} × {y:.2f} × {z:.2f}</source>
        <translation>{x:.2f} × {y:.2f} × {z:.2f}</translation>
    </message>
    <message>
        <source>{year}-{month}-{day}</source>
        <translation>{day}.{month}.{year}</translation>
    </message>
</context>
</TS>
