//! The one table of keys: it decides what a key does, and the `?` sheet and the hints at the bottom are made from it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Wherever nothing is typed and nothing is asked.
    Browsing,
    /// In lists and pages.
    Moving,
    Feed,
    /// Posts that wait for their time.
    Later,
    Post,
    Conversations,
    Conversation,
    People,
    Personas,
    Notifications,
    /// Where a text of several lines is written.
    Writing,
    /// Where a line is typed.
    Typing,
    /// One of several is chosen.
    Choosing,
    /// A question that is answered by yes or no.
    Asked,
    /// What is only read: the sheet of keys, an invite.
    Reading,
}

impl Place {
    /// Places whose keys count here, the nearest first.
    pub(crate) const fn chain(self) -> &'static [Place] {
        match self {
            Self::Feed => &[Self::Feed, Self::Moving, Self::Browsing],
            Self::Later => &[Self::Later, Self::Moving, Self::Browsing],
            Self::Post => &[Self::Post, Self::Moving, Self::Browsing],
            Self::Conversations => &[Self::Conversations, Self::Moving, Self::Browsing],
            Self::Conversation => &[Self::Conversation, Self::Moving, Self::Browsing],
            Self::People => &[Self::People, Self::Moving, Self::Browsing],
            Self::Personas => &[Self::Personas, Self::Moving, Self::Browsing],
            Self::Notifications => &[Self::Notifications, Self::Moving, Self::Browsing],
            Self::Moving => &[Self::Moving, Self::Browsing],
            Self::Browsing => &[Self::Browsing],
            Self::Writing => &[Self::Writing],
            Self::Typing => &[Self::Typing],
            Self::Choosing => &[Self::Choosing],
            Self::Asked => &[Self::Asked],
            Self::Reading => &[Self::Reading],
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Browsing => "Everywhere",
            Self::Moving => "Lists and pages",
            Self::Feed => "Feed",
            Self::Later => "Posts for later",
            Self::Post => "A post",
            Self::Conversations => "Messages",
            Self::Conversation => "A conversation",
            Self::People => "People",
            Self::Personas => "Personas",
            Self::Notifications => "Notifications",
            Self::Writing => "Writing",
            Self::Typing => "Typing a line",
            Self::Choosing => "Choosing",
            Self::Asked => "A question",
            Self::Reading => "Reading",
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Quit,
    Help,
    Section(usize),
    NextSection,
    NewPost,
    Search,
    Refresh,
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    Open,
    Back,
    Comment,
    React,
    Bookmark,
    Repost,
    Quote,
    Unquote,
    Vote,
    Edit,
    Delete,
    Unfold,
    Message,
    FollowAuthor,
    Share,
    Accept,
    Decline,
    SwapList,
    FollowInvite,
    Invite,
    Unfollow,
    ActAs,
    View,
    PostNow,
    Drop,
    When,
    MarkRead,
    MarkAllRead,
    Send,
    Audience,
    Warning,
    Leave,
    Confirm,
}

pub(crate) struct Key {
    pub(crate) place: Place,
    pub(crate) codes: &'static [(KeyCode, KeyModifiers)],
    /// As people read them.
    pub(crate) shown: &'static str,
    pub(crate) deed: Deed,
    pub(crate) says: &'static str,
    /// Stands among the hints at the bottom: a word for it.
    pub(crate) hint: Option<&'static str>,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;

const fn letter(c: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(c), NONE)
}

const fn ctrl(c: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(c), CTRL)
}

const fn plain(code: KeyCode) -> (KeyCode, KeyModifiers) {
    (code, NONE)
}

macro_rules! keys {
    ($($place:ident $deed:expr, $shown:literal, [$($code:expr),+], $says:literal $(, $hint:literal)?;)+) => {
        &[$(Key {
            place: Place::$place,
            codes: &[$($code),+],
            shown: $shown,
            deed: $deed,
            says: $says,
            hint: { let hint: &[&str] = &[$($hint)?]; match hint { [hint, ..] => Some(*hint), [] => None } },
        }),+]
    };
}

pub(crate) const KEYS: &[Key] = keys! {
    Feed Deed::View, "v", [letter('v')], "read a list, a hashtag, bookmarks or posts for later", "choose";
    Feed Deed::Unfold, "x", [letter('x')], "show what a content warning hides, or fold it again";
    Feed Deed::Comment, "c", [letter('c')], "comment", "comment";
    Feed Deed::React, "+", [letter('+')], "react with an emoji; the same one again takes it back", "react";
    Feed Deed::Bookmark, "b", [letter('b')], "bookmark, or take the bookmark away";
    Feed Deed::Repost, "s", [letter('s')], "repost, or take the repost back";
    Feed Deed::Quote, "Q", [letter('Q')], "quote it in a post of your own";
    Feed Deed::Vote, "p", [letter('p')], "vote in its poll, or take the vote back";
    Feed Deed::Edit, "e", [letter('e')], "edit your own";
    Feed Deed::Delete, "d", [letter('d')], "delete your own; asks first";
    Feed Deed::Message, "m", [letter('m')], "write a private message to its author";
    Feed Deed::FollowAuthor, "f", [letter('f')], "follow its author, or whom its list names";
    Later Deed::View, "v", [letter('v')], "read a list, a hashtag, bookmarks or what you follow", "choose";
    Later Deed::PostNow, "s", [letter('s')], "send it now; asks first", "send now";
    Later Deed::Drop, "d", [letter('d')], "drop it; asks first, as it is gone then", "drop";
    Post Deed::Unfold, "x", [letter('x')], "show what a content warning hides, or fold it again";
    Post Deed::Comment, "c", [letter('c')], "comment on the post, or answer the chosen comment", "answer";
    Post Deed::React, "+", [letter('+')], "react with an emoji; the same one again takes it back", "react";
    Post Deed::Bookmark, "b", [letter('b')], "bookmark, or take the bookmark away";
    Post Deed::Repost, "s", [letter('s')], "repost the post, or take the repost back";
    Post Deed::Quote, "Q", [letter('Q')], "quote it in a post of your own";
    Post Deed::Vote, "p", [letter('p')], "vote in its poll, or take the vote back";
    Post Deed::Edit, "e", [letter('e')], "edit your own";
    Post Deed::Delete, "d", [letter('d')], "delete your own; asks first";
    Post Deed::Message, "m", [letter('m')], "write a private message to its author";
    Post Deed::FollowAuthor, "f", [letter('f')], "follow its author, or whom its list names";
    Post Deed::Share, "y", [letter('y')], "show a link for people with a browser";
    Conversations Deed::SwapList, "r", [letter('r')], "conversations or requests", "requests";
    Conversations Deed::Accept, "a", [letter('a')], "accept a request";
    Conversations Deed::Decline, "x", [letter('x')], "decline a request; asks first";
    Conversation Deed::Comment, "c", [letter('c')], "write a message", "write";
    Conversation Deed::React, "+", [letter('+')], "react to the chosen message";
    Conversation Deed::Edit, "e", [letter('e')], "edit your own message";
    Conversation Deed::Delete, "d", [letter('d')], "delete your own message; asks first";
    Conversation Deed::Accept, "a", [letter('a')], "accept a request";
    Conversation Deed::Decline, "x", [letter('x')], "decline a request; asks first";
    People Deed::SwapList, "r", [letter('r')], "whom you follow, or who follows you", "followers";
    People Deed::FollowInvite, "f", [letter('f')], "follow an invite link, a persona or a #tag", "follow";
    People Deed::Invite, "i", [letter('i')], "your invite, for others to follow you", "invite";
    People Deed::Unfollow, "u", [letter('u')], "stop following; asks first";
    People Deed::Message, "m", [letter('m')], "write a private message", "message";
    Personas Deed::ActAs, "Space", [letter(' ')], "act as this one, and read what it follows", "act as";
    Notifications Deed::SwapList, "u", [letter('u')], "only what is not read yet, or all", "unread";
    Notifications Deed::MarkRead, "r", [letter('r')], "mark it as read, on your other devices too", "read";
    Notifications Deed::MarkAllRead, "a", [letter('a')], "mark all as read", "all read";
    Moving Deed::Down, "j ↓", [letter('j'), plain(KeyCode::Down)], "the next one";
    Moving Deed::Up, "k ↑", [letter('k'), plain(KeyCode::Up)], "the one before";
    Moving Deed::PageDown, "PgDn Ctrl+F", [plain(KeyCode::PageDown), ctrl('f')], "a screen further";
    Moving Deed::PageUp, "PgUp Ctrl+B", [plain(KeyCode::PageUp), ctrl('b')], "a screen back";
    Moving Deed::First, "g Home", [letter('g'), plain(KeyCode::Home)], "the newest, or the top";
    Moving Deed::Last, "G End", [letter('G'), plain(KeyCode::End)], "the last one that is here";
    Moving Deed::Open, "Enter l →", [plain(KeyCode::Enter), letter('l'), plain(KeyCode::Right)], "open", "open";
    Moving Deed::Back, "Esc h ←", [plain(KeyCode::Esc), letter('h'), plain(KeyCode::Left)], "back to the list", "back";
    Browsing Deed::NewPost, "n", [letter('n')], "write a post", "new post";
    Browsing Deed::Search, "/", [letter('/')], "search posts, people and hashtags; peers look too", "search";
    Browsing Deed::Section(0), "1", [letter('1')], "Feed";
    Browsing Deed::Section(1), "2", [letter('2')], "Messages";
    Browsing Deed::Section(2), "3", [letter('3')], "People";
    Browsing Deed::Section(3), "4", [letter('4')], "Personas";
    Browsing Deed::Section(4), "5", [letter('5')], "Network";
    Browsing Deed::Section(5), "6", [letter('6')], "Notifications";
    Browsing Deed::NextSection, "Tab", [plain(KeyCode::Tab)], "the next of these";
    Browsing Deed::Refresh, "R Ctrl+L", [letter('R'), ctrl('l')], "read and draw everything again";
    Browsing Deed::Help, "?", [letter('?')], "this sheet", "keys";
    Browsing Deed::Quit, "q", [letter('q')], "quit", "quit";
    Writing Deed::Send, "Ctrl+S", [ctrl('s')], "send it", "send";
    Writing Deed::Audience, "Ctrl+T", [ctrl('t')], "who can read it: everyone, or a circle or group", "audience";
    Writing Deed::Warning, "Ctrl+G", [ctrl('g')], "a content warning above it", "warning";
    Writing Deed::Unquote, "Ctrl+Q", [ctrl('q')], "quote nothing any more; the words stay", "no quote";
    Writing Deed::Leave, "Esc", [plain(KeyCode::Esc)], "leave; what you wrote stays as a draft", "leave";
    Writing Deed::When, "Ctrl+L", [ctrl('l')], "post it later: when", "later";
    Typing Deed::Send, "Enter", [plain(KeyCode::Enter)], "go on with it", "go on";
    Typing Deed::Leave, "Esc", [plain(KeyCode::Esc)], "leave it", "leave";
    Choosing Deed::Down, "j ↓", [letter('j'), plain(KeyCode::Down)], "the next one";
    Choosing Deed::Up, "k ↑", [letter('k'), plain(KeyCode::Up)], "the one before";
    Choosing Deed::Open, "Enter", [plain(KeyCode::Enter), letter('l'), letter(' ')], "take it", "take it";
    Choosing Deed::Leave, "Esc", [plain(KeyCode::Esc), letter('q'), letter('h')], "leave it", "leave";
    Asked Deed::Confirm, "y", [letter('y')], "yes", "yes";
    Asked Deed::Leave, "n Esc", [letter('n'), plain(KeyCode::Esc), letter('q')], "no", "no";
    Reading Deed::Down, "j ↓", [letter('j'), plain(KeyCode::Down)], "further down", "down";
    Reading Deed::Up, "k ↑", [letter('k'), plain(KeyCode::Up)], "further up";
    Reading Deed::PageDown, "PgDn Space", [plain(KeyCode::PageDown), letter(' '), ctrl('f')], "a screen further";
    Reading Deed::PageUp, "PgUp Ctrl+B", [plain(KeyCode::PageUp), ctrl('b')], "a screen back";
    Reading Deed::First, "g Home", [letter('g'), plain(KeyCode::Home)], "the top";
    Reading Deed::Last, "G End", [letter('G'), plain(KeyCode::End)], "the end";
    Reading Deed::Leave, "Esc", [plain(KeyCode::Esc), letter('q'), letter('?'), plain(KeyCode::Enter)], "close", "close";
};

/// What a key does at a place.
pub(crate) fn deed(place: Place, key: &KeyEvent) -> Option<Deed> {
    // A terminal tells of Shift with what it makes of the letter.
    let modifiers = key.modifiers.difference(KeyModifiers::SHIFT);
    let pressed = (key.code, modifiers);
    let at = |place: &Place| KEYS.iter().find(|known| known.place == *place && known.codes.contains(&pressed));
    place.chain().iter().find_map(at).map(|known| known.deed)
}

/// Hints for a place, the nearest first: key and word, of those that are `offered` now.
pub(crate) fn hints(place: Place, offered: impl Fn(&Key) -> bool) -> Vec<(&'static str, &'static str)> {
    let of = |place: &Place| KEYS.iter().filter(|key| key.place == *place && offered(key)).collect::<Vec<_>>();
    let keys = place.chain().iter().flat_map(of);
    keys.filter_map(|key| Some((key.shown.split(' ').next().unwrap_or_default(), key.hint?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [Place; 15] = [
        Place::Browsing,
        Place::Moving,
        Place::Feed,
        Place::Later,
        Place::Post,
        Place::Conversations,
        Place::Conversation,
        Place::People,
        Place::Personas,
        Place::Notifications,
        Place::Writing,
        Place::Typing,
        Place::Choosing,
        Place::Asked,
        Place::Reading,
    ];

    /// Also one that would hide a key of everywhere behind one of a screen.
    #[test]
    fn no_key_has_two_meanings_in_one_place() {
        for place in PLACES {
            let mut seen = Vec::new();
            for key in place.chain().iter().flat_map(|place| KEYS.iter().filter(move |key| key.place == *place)) {
                for code in key.codes {
                    assert!(!seen.contains(code), "{code:?} has two meanings in {place:?}");
                    seen.push(*code);
                }
            }
        }
    }

    /// Where something is typed, letters are letters.
    #[test]
    fn no_plain_letter_is_a_command_where_one_writes() {
        let typed = KEYS.iter().filter(|key| matches!(key.place, Place::Writing | Place::Typing));
        for (code, modifiers) in typed.flat_map(|key| key.codes) {
            assert!(!matches!(code, KeyCode::Char(_)) || *modifiers == CTRL, "{code:?}");
        }
    }

    #[test]
    fn every_key_says_what_it_does_and_every_place_has_keys() {
        for key in KEYS {
            assert!(!key.says.is_empty() && !key.shown.is_empty());
        }
        for place in PLACES {
            assert!(KEYS.iter().any(|key| key.place == place), "{place:?}");
            assert!(!place.title().is_empty());
        }
    }
}
