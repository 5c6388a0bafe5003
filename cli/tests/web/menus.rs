//! Menus open where each of their entries can be seen and pressed, wherever their button stands.

use super::*;

const REACHED: &str = "(() => {
    const entries = [...document.querySelectorAll(\".menu [role='menuitem']\")];
    return entries.length > 3 && entries.every((entry) => {
        const box = entry.getBoundingClientRect();
        return entry.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
    });
})()";

async fn menus_open_on_the_screen(size: (u32, u32), name: &str) {
    let alice = Person::welcomed("Alice", size).await;
    for number in 0..9 {
        alice.node.json(&["post", &format!("words of day {number}")]);
    }
    alice.sees_post_text("words of day 8").await;
    for number in [8, 4, 0] {
        let post = with_text("post", &format!("words of day {number}"));
        let button = format!("{post}.querySelector(\"[data-testid='post-menu']\")");
        alice.browser.until(&button).await;
        // As low as it can be pressed, and as high.
        for edge in ["end", "start"] {
            alice.browser.run(&format!("{button}.scrollIntoView({{ block: '{edge}' }})")).await;
            alice.browser.run(&format!("{button}.click()")).await;
            alice.browser.find("menu-bookmark").await;
            alice.browser.until("document.getAnimations().length === 0").await;
            alice.browser.until(REACHED).await;
            alice.page_is_sound(&format!("{name}-menu-{number}-{edge}")).await;
            alice.press("\u{e00c}").await;
            alice.none("menu-bookmark").await;
        }
    }
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn menus_open_on_the_screen_of_a_phone() {
    menus_open_on_the_screen((390, 844), "phone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn menus_open_on_the_screen_of_a_desk() {
    menus_open_on_the_screen((1280, 900), "desk").await;
}
