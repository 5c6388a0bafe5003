# Was überall steht: Orte, Zeiten, Tasten, der Anfang. Maschinell übersetzt, noch nicht durchgesehen.

back = Zurück
cancel = Abbrechen
close = Schließen
save = Speichern
loading = Einen Moment …

nav-label = Hauptbereiche
nav-home = Start
nav-people = Leute
nav-messages = Nach­richten
nav-search = Suche
nav-profile = Du
nav-settings = Einstel­lungen
detail-label = Einzelheiten
detail-empty = Wähle einen Beitrag oder eine Person, um sie hier zu sehen.

time-now = jetzt
time-minutes = { $count } Min.
time-hours = { $count } Std.
time-days = { $count } T.
time-today = Heute
time-yesterday = Gestern

welcome-title = Willkommen bei Kith
welcome-lead = Ein Ort für dich und deine Leute, auf euren eigenen Geräten.
welcome-name = Wie sollen dich die Leute nennen?
welcome-go = Los geht’s
welcome-busy = Einen Moment …
welcome-keys = Deine Schlüssel liegen im Schlüsselbund dieses Geräts.
name-too-long = Ein Name hat höchstens { $limit } Zeichen.

keys-title = Tasten
keys-next = Nächster Beitrag
keys-previous = Voriger Beitrag
keys-open = Die Bilder ansehen, oder den Beitrag öffnen
keys-answer = Auf den Beitrag antworten
keys-like = Den Beitrag mögen oder das zurücknehmen
keys-reveal = Zeigen oder verbergen, was eine Warnung verdeckt
keys-repost = Den Beitrag teilen oder das zurücknehmen
keys-bookmark = Ein Lesezeichen setzen oder entfernen
keys-write = Einen Beitrag schreiben
keys-message-to = Der Person schreiben, deren Profil offen ist
keys-newest = Die neuesten Beiträge zeigen
keys-search = Suchen
keys-home = Zur Startseite
keys-messages = Zu deinen Nachrichten
keys-people = Zu den Leuten
keys-profile = Zu deinem Profil
keys-settings = Zu den Einstellungen
keys-sheet = Alle Tasten zeigen
keys-send = Senden, was du schreibst
keys-back = Schließen, was offen ist, oder zurückgehen
keys-off-hint = Einzelne Tasten lassen sich in den Einstellungen ausschalten.

app-opening = Wird geöffnet …
app-copying = Dein Profil wird auf den neuesten Stand gebracht: Kopie, { $percent } %
app-changing = Dein Profil wird auf den neuesten Stand gebracht. Bitte nicht ausschalten.
app-cannot-open = Kith kann dein Profil nicht öffnen
app-try-again = Noch einmal versuchen
app-bad-choice = KITH_KEYSTORE hat einen Wert, den Kith nicht kennt.
app-bad-choice-hint = Lass es weg oder setze es auf file oder os.
app-new-passphrase = Wähle eine Passphrase
app-new-passphrase-why = Deine Schlüssel liegen dann in einer Datei, die nur diese Passphrase öffnet. Niemand kann sie zurücksetzen.
app-passphrase = Deine Passphrase
app-passphrase-why = Deine Schlüssel liegen in einer versiegelten Datei. Die Passphrase öffnet sie.
app-passphrase-wrong = Diese Passphrase öffnet das Profil nicht.
app-passphrase-go = Öffnen
