//! Private conversations, each side in a browser of its own: at a desk and on a phone.

use super::*;
use crate::browser::PATIENCE;

const ENTER: &str = "\u{e007}";

impl Person {
    pub(super) async fn opens_profile(&self, name: &str) {
        self.browser.click("nav-people").await;
        self.sees("follow-row", name).await;
        self.clicks("follow-row", name).await;
        self.browser.find("profile").await;
    }

    async fn opens_thread(&self, said: &str) {
        self.browser.click("nav-messages").await;
        self.sees("thread-row", said).await;
        self.clicks("thread-row", said).await;
        self.sees("message", said).await;
    }

    /// Writes and presses Enter.
    async fn writes(&self, words: &str) {
        self.browser.find("say-text").await;
        self.browser.until("document.activeElement?.dataset.testid === 'say-text'").await;
        self.press(words).await;
        self.browser.until(&format!("document.activeElement?.value?.endsWith('{words}')")).await;
        self.press(ENTER).await;
        self.browser.until("document.querySelector(\"[data-testid='say-text']\")?.value === ''").await;
    }

    async fn chooses_to(&self, said: &str, what: &str) {
        self.click_in("message", said, "message-menu").await;
        self.browser.click(what).await;
    }

    async fn has(&self, said: &str, inner: &str) {
        self.browser.until(&format!("{}.querySelector(\"{inner}\")", with_text("message", said))).await;
    }
}

const DELIVERED: &str = "[data-state='delivered'], [data-state='read']";

#[tokio::test(flavor = "multi_thread")]
async fn two_people_write_to_each_other() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    bob.browser.click("nav-messages").await;
    bob.browser.find("empty-messages").await;
    bob.page_is_sound("phone-messages-empty").await;
    bob.browser.click("nav-home").await;
    alice.follows(&bob);
    bob.follows(&alice);

    // From the profile: the first message makes the conversation, and it appears at the other's by itself.
    alice.opens_profile("Bob").await;
    alice.browser.click("person-message").await;
    alice.browser.until("location.pathname === '/messages/new'").await;
    alice.page_is_sound("desk-message-new").await;
    alice.writes("Hello Bob").await;
    alice.browser.until("/^\\/messages\\/[0-9a-f]{64}$/.test(location.pathname)").await;
    bob.browser.until("document.querySelector(\"[data-testid='nav-unread']\")?.textContent === '1'").await;
    bob.opens_thread("Hello Bob").await;
    bob.none("nav-unread").await;
    alice.has("Hello Bob", DELIVERED).await;

    // A reply shows what it answers; reactions, other texts and what is taken back come to the other side.
    bob.chooses_to("Hello Bob", "message-reply").await;
    bob.sees("say-about", "Hello Bob").await;
    bob.writes("Good morning").await;
    alice.has("Good morning", "[data-testid='message-quote']").await;
    bob.page_is_sound("phone-chat").await;
    alice.click_in("message", "Good morning", "message-react").await;
    alice.browser.find("message-react-with").await;
    alice.page_is_sound("desk-chat-react").await;
    alice.browser.click("message-react-with").await;
    bob.has("Good morning", "[data-testid='message-reaction']").await;
    bob.chooses_to("Good morning", "message-edit").await;
    bob.browser.until("document.querySelector(\"[data-testid='say-text']\")?.value === 'Good morning'").await;
    bob.writes(", Alice").await;
    alice.sees("message-text", "Good morning, Alice").await;
    alice.has("Good morning, Alice", "[data-testid='message-edited']").await;
    alice.chooses_to("Hello Bob", "message-delete").await;
    alice.browser.find("message-delete-confirm").await;
    alice.page_is_sound("desk-chat-delete").await;
    alice.browser.click("message-delete-confirm").await;
    bob.has("taken back", "[data-testid='message-deleted']").await;
    bob.sees_no("message-text", "Hello Bob").await;

    // How long messages stay is told on both sides.
    alice.browser.click("chat-menu").await;
    alice.browser.click("chat-timer").await;
    alice.browser.find("timer-hour").await;
    alice.page_is_sound("desk-chat-timer").await;
    alice.browser.click("timer-hour").await;
    bob.sees("chat-below", "Disappearing after").await;
    alice.browser.click("timer-off").await;
    alice.browser.until("!document.querySelector(\"[data-testid='chat-below']\")").await;
    alice.press("\u{e00c}").await;

    // What was begun stays while one looks elsewhere, and Shift and Enter begin a line.
    alice.browser.run("document.querySelector(\"[data-testid='say-text']\").focus()").await;
    alice.press("half\u{e008}\u{e007}\u{e000}a thought").await;
    alice.browser.until("document.activeElement.value === 'half\\na thought'").await;
    alice.browser.click("nav-home").await;
    alice.none("say-text").await;
    alice.opens_thread("Good morning").await;
    alice.browser.until("document.querySelector(\"[data-testid='say-text']\")?.value === 'half\\na thought'").await;
    alice.page_is_sound("desk-chat").await;
    alice.browser.run("document.querySelector('.kith').dataset.theme = 'dark'").await;
    alice.page_is_sound("desk-chat-dark").await;
    bob.browser.run("document.querySelector('.kith').dataset.theme = 'dark'").await;
    bob.page_is_sound("phone-chat-dark").await;
    alice.browser.close().await;
    bob.browser.close().await;
}

/// Writes so many messages one after the other, as fast as the page takes them.
const MANY: &str = "const done = arguments[arguments.length - 1];
    const field = () => document.querySelector(\"[data-testid='say-text']\");
    const write = (number) => {
        if (number > 70) return done(true);
        if (!field() || field().value !== '') return setTimeout(() => write(number), 5);
        const here = field();
        here.value = `message number ${number}`;
        here.dispatchEvent(new Event('input', { bubbles: true }));
        here.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true }));
        const wait = () => (here.isConnected ? setTimeout(wait, 5) : write(number + 1));
        wait();
    };
    write(1);";

#[tokio::test(flavor = "multi_thread")]
async fn older_messages_appear_above_without_moving_what_is_read() {
    let alice = Person::welcomed("Alice", (390, 844)).await;
    alice.browser.click("nav-messages").await;
    alice.browser.click("empty-notes").await;
    alice.writes("the first note").await;
    alice.sees("message", "the first note").await;
    alice.browser.client.execute_async(MANY, Vec::new()).await.unwrap();
    alice.sees("message", "message number 70").await;
    alice.browser.client.refresh().await.unwrap();
    alice.sees("message", "message number 70").await;
    let most = alice.count("message").await;
    assert!((20..50).contains(&most), "{most} of 50 that were read stand in the page");
    // It stands at the end.
    let last = with_text("message", "message number 70");
    let end = "document.querySelector(\"[data-testid='chat']\").getBoundingClientRect().bottom";
    alice.browser.until(&format!("Math.abs({last}.getBoundingClientRect().bottom - {end}) < 40")).await;
    alice.page_is_sound("phone-chat-long").await;

    // Older ones come as one scrolls up; what is read stays where it is while they do.
    let up = "const done = arguments[arguments.length - 1];
        const chat = document.querySelector(\"[data-testid='chat']\");
        const until = performance.now() + 20000;
        let [moved, most] = [0, 0];
        (function step() {
            const messages = [...chat.querySelectorAll(\"[data-testid='message']\")];
            most = Math.max(most, messages.length);
            const first = messages[0];
            const edge = chat.getBoundingClientRect().top;
            const begins = first?.textContent.includes('the first note') && first.getBoundingClientRect().top > edge;
            if (begins || performance.now() > until) return done([begins, moved, most]);
            chat.scrollTop -= 250;
            const read = messages.find((message) => message.getBoundingClientRect().bottom > edge);
            const top = read?.getBoundingClientRect().top;
            let frames = 5;
            (function wait() {
                if (read?.isConnected) moved = Math.max(moved, Math.abs(read.getBoundingClientRect().top - top));
                if (frames-- > 0) requestAnimationFrame(wait); else step();
            })();
        })();";
    let told = alice.browser.client.execute_async(up, Vec::new()).await.unwrap();
    assert_eq!(told[0], true, "the first one came");
    assert!(told[1].as_f64().unwrap() < 2.0, "moved by {} px", told[1]);
    assert!(told[2].as_u64().unwrap() <= 80, "{} messages stood in the page", told[2]);
    alice.page_is_sound("phone-chat-begin").await;

    // A quote leads to what it quotes.
    alice.chooses_to("the first note", "message-reply").await;
    alice.writes("about that").await;
    alice
        .browser
        .until(&format!("Math.abs({}.getBoundingClientRect().bottom - {end}) < 40", with_text("message", "about that")))
        .await;
    alice.none("chat-end").await;
    alice.click_in("message", "about that", "message-quote").await;
    alice.browser.until(&format!("document.activeElement === {}", with_text("message", "the first note"))).await;

    // What one writes is shown, wherever one was.
    alice.browser.run("document.querySelector(\"[data-testid='say-text']\").focus()").await;
    alice.writes("and one more").await;
    let last = with_text("message", "and one more");
    alice.browser.until(&format!("Math.abs({last}.getBoundingClientRect().bottom - {end}) < 40")).await;

    // And a button leads back to the end.
    alice.click_in("message", "about that", "message-quote").await;
    alice.browser.until(&format!("document.activeElement === {}", with_text("message", "the first note"))).await;
    alice.browser.click("chat-end").await;
    alice.browser.until(&format!("Math.abs({last}.getBoundingClientRect().bottom - {end}) < 40")).await;
    alice.none("chat-end").await;
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_message_is_a_request() {
    let (carol, bob) = tokio::join!(Person::welcomed("Carol", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    carol.follows(&bob);
    carol.opens_profile("Bob").await;
    carol.sees("profile-name", "Bob").await;
    carol.browser.click("person-message").await;
    carol.writes("May I ask you something?").await;
    bob.browser.click("nav-messages").await;
    bob.browser.click("tab-requests").await;
    bob.none("nav-unread").await;
    bob.opens_thread("May I ask").await;
    bob.browser.find("request-accept").await;
    bob.none("say-text").await;
    bob.none("message-menu").await;
    bob.page_is_sound("phone-request").await;
    carol.has("May I ask", "[data-state='sent']").await;
    bob.browser.click("request-accept").await;
    bob.browser.find("say-text").await;
    carol.has("May I ask", DELIVERED).await;
    bob.writes("Of course").await;
    carol.sees("message", "Of course").await;

    // What is answered is one line without marks, however long: it pushes nothing aside.
    bob.writes("You could bring the small stove and a bit of the bread from Thursday, **if** anything is left").await;
    carol.chooses_to("the small stove", "message-reply").await;
    carol.sees("say-about", "from Thursday, if anything").await;
    carol.page_is_sound("desk-chat-reply").await;
    carol.press("\u{e00c}").await;
    carol.none("say-about").await;

    // A muted conversation counts nothing as new.
    bob.browser.click("chat-menu").await;
    bob.browser.click("chat-mute").await;
    bob.browser.click("quiet-confirm").await;
    bob.browser.click("back").await;
    bob.browser.find("thread-muted-mark").await;
    bob.browser.click("nav-home").await;
    carol.writes("Then on Friday").await;
    bob.node.until(&["threads"], PATIENCE, |threads| threads[0]["unread"] == 1);
    bob.browser.click("nav-messages").await;
    bob.sees("thread-row", "Then on Friday").await;
    bob.none("nav-unread").await;
    bob.page_is_sound("phone-thread-muted").await;
    bob.opens_thread("Then on Friday").await;
    bob.browser.click("chat-menu").await;
    bob.browser.click("chat-mute").await;
    bob.browser.click("back").await;
    bob.none("thread-muted-mark").await;
    carol.page_is_sound("desk-chat-accepted").await;
    carol.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_people_are_a_group_until_they_leave() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (390, 844)), Person::welcomed("Bob", (1280, 800)));
    let mut carol = Profile::init("Carol");
    carol.run(&["--listen", "127.0.0.1:0"]);
    alice.follows(&bob);
    bob.follows(&alice);
    alice.node.json(&["follow", &text(&carol.json(&["invite"])["invite"])]);
    carol.json(&["follow", &text(&alice.node.json(&["invite"])["invite"])]);

    alice.browser.click("nav-messages").await;
    alice.browser.click("message-new").await;
    for name in ["Bob", "Carol"] {
        alice.sees("write-person", name).await;
        alice.clicks("write-person", name).await;
        alice.sees("write-to", name).await;
    }
    alice.page_is_sound("phone-message-new").await;
    alice.browser.run("document.querySelector(\"[data-testid='say-text']\").focus()").await;
    alice.writes("Friday at eight?").await;
    alice.sees("chat-below", "3").await;
    bob.opens_thread("Friday at eight?").await;
    bob.sees("chat-who", "Alice").await;
    bob.browser.click("chat-who").await;
    // Somebody whom he does not follow has no name yet.
    bob.browser.until("document.querySelectorAll(\"[data-testid='members'] button\").length === 2").await;
    bob.page_is_sound("desk-group-members").await;
    bob.press("\u{e00c}").await;
    bob.none("members").await;
    let (threads, _) = carol.until(&["threads"], PATIENCE, |threads| threads[0]["unread"] == 1);
    assert_eq!(threads[0]["with"].as_array().map(Vec::len), Some(2));

    bob.browser.click("chat-menu").await;
    bob.browser.click("chat-leave").await;
    bob.browser.click("leave-confirm").await;
    bob.browser.find("chat-left").await;
    bob.none("say-text").await;
    alice.sees("chat-below", "2").await;
    alice.browser.run("document.querySelector(\"[data-testid='say-text']\").focus()").await;
    alice.writes("Then the two of us").await;
    carol.until(&["threads"], PATIENCE, |threads| threads[0]["unread"] == 2);
    assert_eq!(bob.count("message").await, 1, "nothing more comes to who left");
    alice.browser.close().await;
    bob.browser.close().await;
}

const ALT: &str = "\u{e00a}";
const CTRL: &str = "\u{e009}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
const RELEASED: &str = "\u{e000}";

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_led_by_the_keyboard() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    let me = alice.node.persona();
    let other = text(&alice.node.json(&["persona", "create", "Harbour"])["id"]);
    // Two conversations: notes of each of her personas to itself. The newest stands first.
    let older = text(&alice.node.json(&["dm", &other, "Tide tables", "--persona", &other])["thread"]);
    alice.node.json(&["dm", &me, "Buy tea"]);
    let newer = text(&alice.node.json(&["dm", &me, "And bread"])["thread"]);
    alice.browser.click("nav-messages").await;
    alice.browser.until(&with_text("thread-row", "And bread")).await;
    let at = |thread: &str| format!("location.pathname === '/messages/{thread}'");
    let in_field = "document.activeElement.dataset.testid === 'say-text'";

    // From the list to its first, to the one below and back: the field has the keyboard, and at the end nothing moves.
    alice.browser.run("document.activeElement.blur()").await;
    alice.press(&format!("{ALT}{DOWN}{RELEASED}")).await;
    alice.browser.until(&format!("{} && {in_field}", at(&newer))).await;
    alice.browser.until(&with_text("message", "And bread")).await;
    alice.press(&format!("{ALT}{UP}{RELEASED}")).await;
    alice.press(&format!("{ALT}{DOWN}{RELEASED}")).await;
    alice.browser.until(&format!("{} && {in_field}", at(&older))).await;
    alice.browser.until(&with_text("message", "Tide tables")).await;
    alice.press(&format!("{ALT}{UP}{RELEASED}")).await;
    alice.browser.until(&format!("{} && {in_field}", at(&newer))).await;
    alice.browser.until(&with_text("message", "And bread")).await;

    // Up in the empty field changes the last own message, and Escape leaves it as it was.
    alice.press(UP).await;
    alice.browser.until("document.activeElement.value === 'And bread'").await;
    alice.browser.find("say-about").await;
    alice.press("\u{e00c}").await;
    alice.none("say-about").await;
    alice.browser.until(&format!("document.activeElement.value === '' && {in_field}")).await;

    // Whom one replies to is chosen step by step, and a reply that was begun is left as easily.
    for (keys, about) in [(UP, "And bread"), (UP, "Buy tea"), (DOWN, "And bread")] {
        alice.press(&format!("{CTRL}{keys}{RELEASED}")).await;
        alice.browser.until(&format!("{} && {in_field}", with_text("say-about", about))).await;
    }
    alice.page_is_sound("desk-chat-reply").await;
    alice.press(&format!("{CTRL}{DOWN}{RELEASED}")).await;
    alice.none("say-about").await;
    alice.press(&format!("{CTRL}{UP}{RELEASED}")).await;
    alice.browser.until(&format!("{} && {in_field}", with_text("say-about", "And bread"))).await;
    alice.press("\u{e00c}").await;
    alice.none("say-about").await;
    assert_eq!(alice.browser.run(&format!("return {}", at(&newer))).await, true, "Escape left the reply alone");

    // One step back leads to the list, and the sheet tells of these keys.
    alice.browser.click("back").await;
    alice.browser.until("location.pathname === '/messages'").await;
    alice.browser.run("document.activeElement.blur()").await;
    alice.press("?").await;
    alice.sees("chat-keys", "The conversation above").await;
    alice.page_is_sound("desk-chat-keys").await;
    alice.browser.close().await;
}
