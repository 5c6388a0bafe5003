//! Pictures looked at in their full size: opened in place, enlarged, one after the other, and closed again.

use super::*;

/// How many times larger the picture is, as its stage tells.
const SCALE: &str = "Number(document.querySelector(\"[data-testid='viewer-stage']\").dataset.scale ?? 1)";
const COUNT: &str =
    "document.querySelector(\"[data-testid='viewer-count']\").textContent.replace(/[\\u2068\\u2069]/g, '')";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";

impl Person {
    /// Posts as many pictures as there are texts for them.
    pub(super) fn posts_pictures(&self, said: &str, alts: &[&str]) {
        let mut args = vec!["post".to_owned(), said.to_owned()];
        for (nth, alt) in alts.iter().enumerate() {
            let file = self.node.root.path().join(format!("{nth}.png"));
            let (width, height) = if nth == 1 { (300, 700) } else { (900, 600) };
            let colour = |x: u32, y: u32| image::Rgb([x as u8, y as u8, (nth * 90 + said.len()) as u8]);
            image::RgbImage::from_fn(width, height, colour).save(&file).unwrap();
            args.extend([
                "--attach".to_owned(),
                file.to_str().unwrap().to_owned(),
                "--alt".to_owned(),
                (*alt).to_owned(),
            ]);
        }
        self.node.json(&args.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Pointers on the stage, one after the other: what happens, which pointer, and where.
    async fn points(&self, steps: &[(&str, u32, i32, i32)]) {
        for (kind, pointer, x, y) in steps {
            let script = format!(
                "document.querySelector(\"[data-testid='viewer-stage']\").dispatchEvent(new PointerEvent('{kind}',
                     {{ pointerId: {pointer}, clientX: {x}, clientY: {y}, bubbles: true, cancelable: true }}))"
            );
            self.browser.run(&script).await;
        }
    }
}

async fn pictures_are_looked_at(size: (u32, u32), name: &str) {
    let alice = Person::welcomed("Alice", size).await;
    alice.posts_pictures("Three of them", &["Grey water, two masts", "", "The mill at noon"]);
    alice.sees_post("Three of them").await;
    let opener = "document.querySelector(\"[data-testid='feed'] [data-testid='picture-open']\")";
    let opener_id = text(&alice.browser.run(&format!("return {opener}.id")).await);
    // Enter on it opens it, as a click does; the focus goes inside.
    alice.browser.run(&format!("{opener}.focus()")).await;
    alice.press("\u{e007}").await;
    alice.browser.find("viewer").await;
    alice.browser.until("document.activeElement.closest(\"[data-testid='viewer']\")").await;
    alice.browser.until("document.querySelector(\"[data-testid='viewer-picture']\")?.naturalWidth === 900").await;
    alice.browser.until(&format!("{COUNT} === '1 of 3'")).await;
    alice.browser.until("document.getAnimations().length === 0").await;
    alice.page_is_sound(&format!("{name}-viewer")).await;

    // What its author said of it.
    alice.browser.click("viewer-alt").await;
    alice.sees("viewer-alt-text", "Grey water, two masts").await;
    alice.page_is_sound(&format!("{name}-viewer-alt")).await;
    alice.browser.click("viewer-alt").await;
    alice.none("viewer-alt-text").await;

    // Closer and back: by keys, buttons, the wheel, two clicks and two fingers.
    alice.press("+").await;
    alice.browser.until(&format!("{SCALE} === 1.5")).await;
    alice.browser.click("viewer-in").await;
    alice.browser.until(&format!("{SCALE} === 2.25")).await;
    alice.page_is_sound(&format!("{name}-viewer-closer")).await;
    alice.press("-").await;
    alice.browser.until(&format!("{SCALE} === 1.5")).await;
    alice.press("0").await;
    alice.browser.until(&format!("{SCALE} === 1")).await;
    let (x, y) = (size.0 as i32 / 2, size.1 as i32 / 2);
    let wheel = format!(
        "return document.querySelector(\"[data-testid='viewer-stage']\").dispatchEvent(new WheelEvent('wheel',
             {{ deltaY: -500, clientX: {x}, clientY: {y}, bubbles: true, cancelable: true }}))"
    );
    assert_eq!(alice.browser.run(&wheel).await, false, "nothing else scrolls");
    alice.browser.until(&format!("{SCALE} > 2.5")).await;
    let twice = "document.querySelector(\"[data-testid='viewer-stage']\").dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))";
    alice.browser.run(twice).await;
    alice.browser.until(&format!("{SCALE} === 1")).await;
    alice.points(&[("pointerdown", 1, x - 20, y), ("pointerdown", 2, x + 20, y)]).await;
    alice.points(&[("pointermove", 1, x - 60, y), ("pointermove", 2, x + 60, y)]).await;
    alice.points(&[("pointerup", 1, x - 60, y), ("pointerup", 2, x + 60, y)]).await;
    alice.browser.until(&format!("Math.abs({SCALE} - 3) < 0.1")).await;
    // One finger moves it, and never off the stage.
    let moved = "new DOMMatrix(getComputedStyle(document.querySelector('.viewer-picture')).transform).e";
    alice.points(&[("pointerdown", 1, x, y), ("pointermove", 1, x + 40, y), ("pointerup", 1, x + 40, y)]).await;
    alice.browser.until(&format!("{moved} > 10")).await;
    alice.points(&[("pointerdown", 1, x, y), ("pointermove", 1, x + 90_000, y), ("pointerup", 1, x, y)]).await;
    alice.browser.until(&format!("{moved} <= innerWidth")).await;
    alice.browser.until(&format!("{COUNT} === '1 of 3'")).await;

    // To the next by a key and a swipe, and not past the last.
    alice.press("0").await;
    alice.press("\u{e014}").await;
    alice.browser.until(&format!("{COUNT} === '2 of 3'")).await;
    alice.browser.until("document.querySelector(\"[data-testid='viewer-picture']\")?.naturalWidth === 300").await;
    alice.none("viewer-alt").await;
    alice.browser.until("document.getAnimations().length === 0").await;
    alice.page_is_sound(&format!("{name}-viewer-tall")).await;
    alice.points(&[("pointerdown", 1, x + 60, y), ("pointerup", 1, x - 60, y)]).await;
    alice.browser.until(&format!("{COUNT} === '3 of 3'")).await;
    alice.browser.until("document.querySelector(\"[data-testid='viewer-next']\").disabled").await;
    alice.press("\u{e014}").await;
    alice.browser.click("viewer-previous").await;
    alice.browser.until(&format!("{COUNT} === '2 of 3'")).await;
    let kept = "((link) => link.download.startsWith('kith-') && new URL(link.href).pathname.startsWith('/media/'))
        (document.querySelector(\".viewer [data-testid='file-save']\"))";
    alice.browser.until(kept).await;

    // Tab stays inside; Escape closes, and the focus is where it came from.
    for _ in 0..9 {
        alice.press(TAB).await;
        alice.browser.until("document.activeElement.closest(\"[data-testid='viewer']\")").await;
    }
    alice.press(ESCAPE).await;
    alice.none("viewer").await;
    alice.browser.until(&format!("{AT} === '{opener_id}'")).await;
    assert_eq!(alice.browser.run("return location.pathname").await, "/");

    // A key on the card opens it too, and Enter there opens the post.
    alice.browser.run(&format!("{}.focus()", with_text("post", "Three of them"))).await;
    alice.press("o").await;
    alice.browser.find("viewer").await;
    alice.press(ESCAPE).await;
    alice.none("viewer").await;
    alice.browser.until(&format!("{AT}.startsWith('card-')")).await;
    alice.press("\u{e007}").await;
    alice.browser.until("location.pathname.startsWith('/post/')").await;
    alice.browser.find("thread").await;
    alice.press("o").await;
    alice.browser.find("viewer").await;
    alice.press(ESCAPE).await;
    alice.browser.until(&format!("{AT}.startsWith('picture-full-')")).await;
    alice.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_looked_at_on_a_phone() {
    pictures_are_looked_at((390, 844), "phone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_looked_at_at_a_desk() {
    pictures_are_looked_at((1280, 800), "desk").await;
}
