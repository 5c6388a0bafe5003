# What stands everywhere: places, times, keys, the start.

back = Back
cancel = Cancel
close = Close
save = Save
loading = One moment…

nav-label = Main places
nav-home = Home
nav-people = People
nav-messages = Messages
nav-search = Search
nav-profile = You
nav-settings = Settings
detail-label = Details
detail-empty = Choose a post or a person to see it here.

time-now = now
time-minutes = { $count } min
time-hours = { $count } h
time-days = { $count } d
time-today = Today
time-yesterday = Yesterday

welcome-title = Welcome to Kith
welcome-lead = A place for you and your people, kept on your own devices.
welcome-name = What should people call you?
welcome-go = Start
welcome-busy = One moment…
welcome-keys = Your keys are kept in this device's keychain.
name-too-long = A name has at most { $limit } characters.

keys-title = Keys
keys-next = Next post
keys-previous = Previous post
keys-open = Look at the pictures, or open the post
keys-answer = Answer the post
keys-like = Like the post, or take it back
keys-reveal = Show or hide what a warning covers
keys-repost = Repost the post, or take it back
keys-bookmark = Bookmark the post, or no longer
keys-write = Write a post
keys-message-to = Write to the person whose profile is open
keys-newest = Show the newest posts
keys-search = Search
keys-home = Go home
keys-messages = Go to your messages
keys-people = Go to people
keys-profile = Go to your profile
keys-settings = Go to the settings
keys-sheet = Show all keys
keys-send = Send what you write
keys-back = Close what is open, or go back
keys-off-hint = Single keys can be switched off in the settings.

app-opening = Opening…
app-copying = Bringing your profile up to date: copying it, { $percent } %
app-changing = Bringing your profile up to date. Do not switch off.
app-cannot-open = Kith can't open your profile
app-try-again = Try again
app-bad-choice = KITH_KEYSTORE has a value that Kith does not know.
app-bad-choice-hint = Leave it away, or set it to file or os.
app-new-passphrase = Choose a passphrase
app-new-passphrase-why = Your keys will rest in a file that only this passphrase opens. Nobody can reset it.
app-passphrase = Your passphrase
app-passphrase-why = Your keys rest in a sealed file. The passphrase opens it.
app-passphrase-wrong = This passphrase does not open the profile.
app-passphrase-go = Open
