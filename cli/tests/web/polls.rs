//! A poll: asked at one page, answered at another, seen at both.

use super::*;

/// How the poll of the post that says this stands: its lines, joined.
fn results(said: &str) -> String {
    format!(
        "[...({}?.querySelectorAll(\"[data-testid='poll-result']\") ?? [])].map((e) => e.textContent).join().replace(/[\\u2068\\u2069]/g, '')",
        with_text("post", said)
    )
}

impl Person {
    async fn votes(&self, said: &str, place: usize) {
        let poll = format!("{}?.querySelector(\"[data-testid='poll']\")", with_text("post", said));
        self.browser.until(&format!("{poll}?.querySelectorAll('input').length > {place}")).await;
        self.browser.run(&format!("{poll}.querySelectorAll('input')[{place}].click()")).await;
        let vote = format!("{poll}?.querySelector(\"[data-testid='poll-vote']:not(:disabled)\")");
        self.browser.until(&vote).await;
        self.browser.run(&format!("{vote}.click()")).await;
    }

    async fn settles(&self, name: &str) {
        self.browser.until("document.getAnimations().length === 0").await;
        self.page_is_sound(name).await;
    }
}

async fn people_vote(size: (u32, u32), device: &str) {
    let (alice, bob) = tokio::join!(Person::welcomed("Alice", size), Person::welcomed("Bob", size));
    alice.follows(&bob);
    bob.follows(&alice);
    alice.can_undo_for("off").await;

    // Written with the keyboard alone: Enter goes on to the next answer, and makes one after the last.
    alice.browser.type_in("composer-text", "What do we drink?").await;
    alice.browser.click("composer-poll-toggle").await;
    alice.browser.until(&format!("{AT} === 'poll-option-0'")).await;
    alice.press("Tea\u{e007}").await;
    alice.browser.until(&format!("{AT} === 'poll-option-1'")).await;
    alice.press("Tea\u{e007}").await;
    alice.browser.until(&format!("{AT} === 'poll-option-2'")).await;
    alice.press("Water").await;
    alice.browser.find("composer-poll-problem").await;
    alice.browser.until("document.querySelector(\"[data-testid='composer-send']\").disabled").await;
    alice
        .browser
        .run("const at = document.getElementById('poll-option-1'); at.focus(); at.setSelectionRange(9, 9)")
        .await;
    alice.press(" of herbs").await;
    alice.none("composer-poll-problem").await;
    alice.browser.click("poll-lasts-days").await;
    alice.browser.until("document.querySelector('.composer').dataset.kept === 'true'").await;
    alice.browser.client.refresh().await.unwrap();
    alice.browser.until("document.getElementById('poll-option-1')?.value === 'Tea of herbs'").await;
    alice.browser.until("document.querySelector(\"[data-testid='poll-lasts-days']\").checked").await;
    alice.settles(&format!("{device}-poll-composer")).await;
    // Sent from the field of an answer as from that of the question.
    alice.browser.run("document.getElementById('poll-option-1').focus()").await;
    alice.press("\u{e009}\u{e007}\u{e000}").await;
    alice.browser.click("audience-public").await;
    alice.browser.click("audience-done").await;
    alice.sees_post_text("What do we drink?").await;
    alice.none("composer-poll").await;

    // Both vote, and both see how it stands.
    bob.sees_post_text("What do we drink?").await;
    bob.browser.until(&with_text("poll", "Votes are public")).await;
    bob.settles(&format!("{device}-poll")).await;
    alice.votes("What do we drink?", 0).await;
    bob.votes("What do we drink?", 2).await;
    for person in [&alice, &bob] {
        let stands = results("What do we drink?");
        person.browser.until(&format!("{stands}.includes('50 %') && {stands}.match(/1 vote/g).length === 2")).await;
        person.browser.until(&with_text("poll-voters", "people voted")).await;
    }
    bob.browser
        .until(
            "document.querySelector(\"[data-testid='poll-result'][data-mine='true']\").textContent.includes('Water')",
        )
        .await;
    bob.settles(&format!("{device}-poll-results")).await;

    // Who voted for what can be looked at, and whose poll it is hears of it in the option's words.
    bob.browser.click("poll-voters").await;
    let option = |place: usize, said: &str| {
        format!(
            "[...document.querySelectorAll(\"[data-testid='poll-who-option']\")][{place}]?.textContent.includes('{said}')"
        )
    };
    bob.browser.until(&format!("{} && {}", option(0, "Alice"), option(2, "Bob"))).await;
    bob.browser.until(&option(1, "Nobody")).await;
    bob.settles(&format!("{device}-poll-who")).await;
    bob.browser.run("document.querySelector(\".dialog-head button\").click()").await;
    bob.none("poll-who-sheet").await;
    alice.node.until(&["notifications"], profile::PATIENCE, |all| {
        let one = &all[0];
        one["kind"] == "reaction" && one["votes"][0]["option"] == "Water" && one["emoji"][0] == one["votes"][0]["emoji"]
    });
    assert!(alice.node.kith(&["notifications"]).stdout.contains("Bob voted in your poll: Water"));
    alice.goes_to("/notifications").await;
    alice.sees("notification", "voted in your poll").await;
    alice.sees("notification", "Water").await;
    alice.goes_to("/").await;
    alice.sees_post_text("What do we drink?").await;

    // A vote is changed, and no chip tells of it.
    bob.browser.click("poll-change").await;
    bob.votes("What do we drink?", 0).await;
    alice.browser.until(&format!("{}.includes('100 %')", results("What do we drink?"))).await;
    assert_eq!((alice.count("reaction").await, bob.count("reaction").await), (0, 0));
    let poll = &bob.node.json(&["feed"])[0]["poll"];
    assert_eq!((&poll["voters"], &poll["options"][0]["votes"], &poll["ended"]), (&2.into(), &2.into(), &false.into()));
    assert_eq!(poll["options"][0]["mine"], true);
    let post = text(&bob.node.json(&["feed"])[0]["id"]);
    bob.node.json(&["vote", &post, "3"]);
    alice.browser.until(&format!("{}.includes('50 %')", results("What do we drink?"))).await;
    alice.browser.close().await;
    bob.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_vote_at_a_desk() {
    people_vote((1280, 800), "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_vote_on_phones() {
    people_vote((390, 844), "phone").await;
}
