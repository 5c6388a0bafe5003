//! Several personas of one user: made in the settings, chosen in the composer, each with what it follows. Who has one
//! sees nothing of it.

use super::*;
use crate::browser::PATIENCE;
use crate::profile::{id, ids};

#[tokio::test(flavor = "multi_thread")]
async fn two_personas_write_and_read_each_for_itself() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
    alice.can_undo_for("off").await;
    alice.follows(&bob);
    assert_eq!((alice.count("persona-chip").await, alice.count("persona-choice").await), (0, 0));
    bob.node.json(&["post", "Bob was here"]);
    alice.sees("post", "Bob was here").await;
    assert_eq!(alice.count("post-via").await, 0, "one persona: nothing is said of it");

    alice.browser.click("nav-settings").await;
    alice.browser.type_in("persona-name", "Night watch").await;
    alice.browser.click("persona-name-add").await;
    alice.sees("persona", "Night watch").await;
    alice.sees("persona", "Writes").await;
    alice.page_is_sound("desk-personas").await;

    // Whose follow brought a post, and a feed for each.
    alice.browser.click("nav-home").await;
    alice.sees("post-via", "Alice").await;
    alice.clicks("tab", "Night watch").await;
    alice.browser.find("empty-feed").await;
    assert_eq!(alice.count("post").await, 0);
    alice.clicks("tab", "Alice").await;
    alice.sees("post", "Bob was here").await;
    alice.browser.run("document.querySelector(\"[data-testid='tab']\").click()").await;
    alice.browser.until("document.querySelector(\"[data-testid='tab']\").ariaCurrent === 'page'").await;
    alice.sees("post", "Bob was here").await;

    for (name, said) in [("Night watch", "The lamps are lit"), ("Alice", "Good morning")] {
        alice.browser.click("persona-chip").await;
        alice.sees("persona-choice", name).await;
        alice.clicks("persona-choice", name).await;
        alice.sees("persona-chip", name).await;
        alice.browser.type_in("composer-text", said).await;
        if name == "Night watch" {
            alice.chooses_audience(None).await;
            alice.browser.click("audience-done").await;
        }
        alice.browser.click("composer-send").await;
        alice.sees_post_text(said).await;
    }
    let feed = alice.node.json(&["feed"]);
    let author = |said: &str| {
        let post = feed.as_array().unwrap().iter().find(|post| post["text"] == said).unwrap();
        text(&post["author_name"])
    };
    assert_eq!((author("The lamps are lit"), author("Good morning")), ("Night watch".to_owned(), "Alice".to_owned()));
    // Bob follows neither, and is told nothing of the other one.
    assert_eq!(bob.count("persona-chip").await, 0);
    alice.page_is_sound("desk-personas-home").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_persona_are_written_down_and_typed_back() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    alice.browser.click("nav-settings").await;
    alice.sees("recovery-state", "Needs attention").await;
    assert_eq!(alice.count("recovery-words").await, 0, "nobody is shown them unasked");
    alice.browser.click("recovery-show").await;
    alice.browser.find("recovery-words").await;
    alice.page_is_sound("desk-recovery").await;
    let read = "return [...document.querySelectorAll(\"[data-testid='recovery-words'] li\")].map((e) => e.textContent)";
    let words: Vec<String> = serde_json::from_value(alice.browser.run(read).await).unwrap();
    assert_eq!(words.len(), 24);
    assert_eq!(alice.node.json(&["recovery", "phrase"])["phrase"], words.join(" "));
    alice.browser.click("recovery-show").await;
    alice.sees_no("recovery-words", "").await;
    let (last, first) = words.split_last().unwrap();
    alice.browser.type_in("recovery-typed", &first.join(" ")).await;
    alice.browser.click("recovery-check").await;
    alice.browser.until("document.querySelector(\"[data-testid='recovery'] [role='alert']\")").await;
    alice.browser.type_in("recovery-typed", &format!(" {last}")).await;
    alice.browser.click("recovery-check").await;
    alice.sees("recovery-state", "its backup has nowhere to go").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_persona_for_whom_it_is_there_answers_and_each_has_its_own_unread() {
    let mut bob = Profile::init("Bob");
    bob.run_on_loopback(None);
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    alice.can_undo_for("off").await;
    assert_eq!((alice.count("persona-switch").await, alice.count("messages-personas").await), (0, 0));
    let me = alice.node.persona();
    let night = id(&alice.node.json(&["persona", "create", "Night watch"]));
    let invite = text(&bob.json(&["invite"])["invite"]);
    alice.node.json(&["follow", &invite, "--persona", &night]);
    let invite = text(&alice.node.json(&["invite", "--persona", &night])["invite"]);
    bob.json(&["follow", &invite]);
    let lamps = id(&alice.node.json(&["post", "The lamps are lit", "--persona", &night]));
    bob.until(&["feed"], PATIENCE, |feed| ids(feed).contains(&lamps));
    let post = id(&bob.json(&["post", "Who is awake?"]));

    // Night watch follows Bob, so Night watch answers, though Alice is who writes.
    alice.sees("persona-switch", "Alice").await;
    alice.sees_post_text("Who is awake?").await;
    let card = with_text("post", "Who is awake?");
    alice.browser.run(&format!("{card}.querySelector(\"[data-testid='react']\").click()")).await;
    alice.browser.click("react-with").await;
    alice.opens_post("Who is awake?").await;
    let chip = "document.querySelector('.answer-box [data-testid=persona-chip]')?.textContent.includes('Night watch')";
    alice.browser.until(chip).await;
    alice.page_is_sound("desk-answer-as").await;
    alice.browser.type_in("comment-text", "We are").await;
    alice.browser.click("comment-send").await;
    let (said, _) = bob.until(&["show", &post], PATIENCE, |page| {
        page["thread"].as_array().is_some_and(|thread| !thread.is_empty())
            && page["reactions"].as_object().is_some_and(|all| !all.is_empty())
    });
    assert_eq!(said["thread"][0]["author"], night.as_str());
    assert!(!said.to_string().contains(&me), "nothing tells Bob of Alice");
    // And takes its reaction back.
    alice.browser.click("nav-home").await;
    let mine = format!("{card}?.querySelector(\"[data-testid='reaction'][aria-pressed='true']\")");
    alice.browser.until(&mine).await;
    alice.browser.run(&format!("{mine}.click()")).await;
    alice.browser.until(&format!("!{mine}")).await;

    // Whose the circle is writes to it; who is chosen after that has to say to whom.
    alice.node.json(&["circle", "create", "Crew", "--persona", &night]);
    alice.browser.type_in("composer-text", "Relief at four").await;
    alice.browser.click("audience").await;
    alice.sees("audience-circle", "Night watch").await;
    alice.page_is_sound("desk-audience-personas").await;
    alice.clicks("audience-circle", "Crew").await;
    alice.browser.click("audience-done").await;
    alice.sees("persona-chip", "Night watch").await;
    alice.browser.click("persona-chip").await;
    alice.clicks("persona-choice", "Alice").await;
    alice.sees("persona-chip", "Alice").await;
    alice.sees_no("audience", "Crew").await;
    alice.browser.click("audience").await;
    alice.clicks("audience-circle", "Crew").await;
    alice.browser.click("audience-done").await;
    alice.browser.click("composer-send").await;
    alice.sees_post_text("Relief at four").await;
    let feed = alice.node.json(&["feed"]);
    let sent = feed.as_array().unwrap().iter().find(|post| post["text"] == "Relief at four").unwrap();
    assert_eq!((text(&sent["author"]), text(&sent["circle"])), (night.clone(), "Crew".to_owned()));

    // What waits is told by persona; quiet ones do not count among all.
    bob.json(&["dm", &night, "Is it cold?"]);
    alice.sees("switch-unread", "1").await;
    alice.browser.click("persona-switch").await;
    alice.browser.until(&format!("{}?.textContent.includes('1')", with_text("switch-persona", "Night watch"))).await;
    alice.page_is_sound("desk-switch").await;
    alice.press("\u{e00c}").await;
    alice.none("switch-personas").await;
    alice.browser.click("nav-messages").await;
    alice.sees("thread-persona", "Night watch").await;
    alice.page_is_sound("desk-messages-personas").await;
    alice.clicks("messages-of", "Alice").await;
    alice.none("thread-row").await;
    alice.clicks("messages-of", "Night watch").await;
    alice.sees("thread-row", "Is it cold?").await;

    // Each is edited in the settings: what others see of it, and the colour that nobody else sees.
    alice.browser.click("persona-switch").await;
    alice.browser.click("switch-manage").await;
    let row = with_text("persona", "Night watch");
    alice.browser.until(&row).await;
    alice.browser.run(&format!("{row}.querySelector(\"[data-testid='persona-edit']\").click()")).await;
    alice.browser.click("colour-teal").await;
    alice.browser.until(&format!("{row}.querySelector(\".avatar-ring[data-colour='teal']\")")).await;
    alice.browser.click("persona-quiet").await;
    alice.none("nav-unread").await;
    alice.page_is_sound("desk-persona-edit").await;
    alice.browser.find("profile-name-input").await.clear().await.unwrap();
    alice.browser.type_in("profile-name-input", "Day watch").await;
    alice.browser.click("profile-save").await;
    alice.sees("persona", "Day watch").await;
    bob.until(&["feed"], PATIENCE, |feed| feed.to_string().contains("Day watch"));
    alice.browser.close().await;
}
