//! Several personas of one user: made in the settings, chosen in the composer, each with what it follows. Who has one
//! sees nothing of it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn two_personas_write_and_read_each_for_itself() {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", (1280, 800)), Person::welcomed("Bob", (390, 844)));
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
    alice.browser.run(&format!("{}.click()", with_text("tab", "Night watch"))).await;
    alice.browser.find("empty-feed").await;
    assert_eq!(alice.count("post").await, 0);
    alice.browser.run(&format!("{}.click()", with_text("tab", "Alice"))).await;
    alice.sees("post", "Bob was here").await;
    alice.browser.run("document.querySelector(\"[data-testid='tab']\").click()").await;
    alice.browser.until("document.querySelector(\"[data-testid='tab']\").ariaCurrent === 'page'").await;
    alice.sees("post", "Bob was here").await;

    for (name, said) in [("Night watch", "The lamps are lit"), ("Alice", "Good morning")] {
        alice.browser.click("persona-chip").await;
        alice.sees("persona-choice", name).await;
        alice.browser.run(&format!("{}.click()", with_text("persona-choice", name))).await;
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
