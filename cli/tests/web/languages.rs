//! Each browser reads in its own language until one is chosen for all; every screen fits in each, in both directions of
//! writing.

use super::*;

/// What the page says of itself: its language, its direction, and the name of the first place.
const SPOKEN: &str = "(() => {
    const page = document.documentElement, screens = document.querySelector('.kith');
    return [page.lang, page.dir, screens?.lang, screens?.dir,
        document.querySelector(\"[data-testid='nav-people']\")?.textContent].join(' ');
})()";
const ENGLISH: &str = "en ltr en ltr People";
const GERMAN: &str = "de ltr de ltr Leute";
const ARABIC: &str = "ar rtl ar rtl الأشخاص";

impl Person {
    /// The same node in one more browser, which prefers these languages.
    async fn browser_in(&self, size: (u32, u32), languages: &str) -> Browser {
        let login = text(&self.node.json(&["status"])["web"]["login"]);
        let browser = Browser::start_in(size.0, size.1, languages).await;
        browser.client.goto(&login).await.unwrap();
        browser.find("nav-people").await;
        browser
    }
}

async fn speaks(browser: &Browser, spoken: &str) {
    browser.until(&format!("{SPOKEN} === {}", Value::from(spoken))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_browser_reads_in_its_own_language_until_one_is_chosen_for_all() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    speaks(&alice.browser, ENGLISH).await;
    let german = alice.browser_in((1280, 800), "de-AT,de,en").await;
    let arabic = alice.browser_in((390, 844), "fr,ar-EG,en").await;
    speaks(&german, GERMAN).await;
    speaks(&arabic, ARABIC).await;

    // Numbers and dates are written as the browser itself writes them in that language.
    alice.node.json(&["post", "Fog over the harbour"]);
    for (browser, tag) in [(&german, "de"), (&arabic, "ar")] {
        browser.until(&with_text("post", "Fog over the harbour")).await;
        let dates = "const time = document.querySelector(\"[data-testid='post'] time\");
            const written = new Intl.DateTimeFormat(arguments[0],
                { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'UTC' });
            return [time.ariaLabel.split(' ')[0], written.format(new Date(time.dateTime))]";
        let dates = browser.client.execute(dates, vec![tag.into()]).await.unwrap();
        assert_eq!(dates[0], dates[1], "{tag}");
    }

    // What is chosen counts for all at once, and for a page that comes later.
    german.click("nav-settings").await;
    german.click("ui.language-ar").await;
    for browser in [&alice.browser, &german, &arabic] {
        speaks(browser, ARABIC).await;
    }
    german.client.refresh().await.unwrap();
    assert_eq!(german.run("return document.documentElement.dir").await, "rtl", "before anything is drawn");
    speaks(&german, ARABIC).await;
    german.click("ui.language-auto").await;
    for (browser, spoken) in [(&alice.browser, ENGLISH), (&german, GERMAN), (&arabic, ARABIC)] {
        speaks(browser, spoken).await;
    }

    // Who is not signed in is told so in words that they read.
    german.client.delete_all_cookies().await.unwrap();
    german.client.refresh().await.unwrap();
    assert!(german.text("signed-out").await.contains("nicht angemeldet"));
    for browser in [alice.browser, german, arabic] {
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_fits_in_every_language() {
    let alice = Person::welcomed("Alice", (1280, 800)).await;
    let bob = Profile::init("بوب");
    let post = text(&alice.node.json(&["post", "Fog over the harbour. شكرًا جزيلًا! #harbour"])["id"]);
    let comment = text(&alice.node.json(&["comment", &post, "Which harbour is it?"])["id"]);
    alice.node.json(&["comment", &comment, "القديم خلف المطحنة."]);
    alice.node.json(&["react", &post, "🎉"]);
    alice.node.json(&["circle", "create", "Family"]);
    alice.node.json(&["post", "Supper at eight", "--circle", "Family"]);
    let them = bob.persona();
    alice.node.json(&["follow", &them]);
    alice.node.json(&["dm", &them, "See you at eight"]);
    let thread = text(&alice.node.json(&["threads"])[0]["id"]);
    let me = alice.node.persona();
    for (tag, right_to_left) in [("de", false), ("ar", true)] {
        for (width, height) in [(360, 740), (700, 900), (1280, 800)] {
            let browser = alice.browser_in((width, height), tag).await;
            let origin = text(&browser.run("return location.origin").await);
            let person = Spoken { browser, tag };
            for (name, path, wanted) in [
                ("feed", "/".to_owned(), "feed"),
                ("post", format!("/post/{post}"), "comment"),
                ("people", "/people".to_owned(), "invite-link"),
                ("messages", "/messages".to_owned(), "thread-row"),
                ("chat", format!("/messages/{thread}"), "message"),
                ("settings", "/settings".to_owned(), "settings-role"),
                ("circles", "/circles".to_owned(), "circle-change"),
                ("lists", "/lists".to_owned(), "tags-at-home"),
                ("muted", "/muted".to_owned(), "muted-empty"),
                ("search", "/search".to_owned(), "search-input"),
                ("person", format!("/person/{me}"), "profile-edit"),
            ] {
                person.browser.client.goto(&format!("{origin}{path}")).await.unwrap();
                person.browser.find(wanted).await;
                person.is_sound(&format!("{width}-{name}")).await;
                if width >= 600 {
                    let side = "const nav = document.querySelector('.nav').getBoundingClientRect();
                        return nav.left > innerWidth / 2";
                    assert_eq!(person.browser.run(side).await, right_to_left, "{tag} {width} {name}: the places' side");
                }
                let cut = "return [...document.querySelectorAll('.nav-item, .network-short')]
                    .filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent)";
                assert_eq!(person.browser.run(cut).await, Value::Array(Vec::new()), "{tag} {width} {name}: cut");
            }
            person.browser.close().await;
        }
    }
    alice.browser.close().await;
}

/// A page in a language.
struct Spoken {
    browser: Browser,
    tag: &'static str,
}

impl Spoken {
    async fn is_sound(&self, name: &str) {
        self.browser.until("document.getAnimations().length === 0").await;
        sound(&self.browser, &format!("{}-{name}", self.tag)).await;
    }
}
