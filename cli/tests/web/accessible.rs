//! Pages as people use them who hear them, enlarge them or see few colours: axe-core's rules, in every theme.

use super::*;

/// Vendored; `cli/tests/axe/README.md`.
const AXE: &str = include_str!("../axe/axe.min.js");

/// Runs all rules as the page is, and those of colours in the other themes; gives what is serious, in lines.
const RUN: &str = "const done = arguments[arguments.length - 1];
    (async () => {
        const screens = document.querySelector('.kith');
        const found = [];
        const look = async (theme, options) => {
            // Colours that are on their way to others are no theme's.
            do await new Promise(requestAnimationFrame); while (document.getAnimations().length > 0);
            const { violations } = await axe.run(document, { resultTypes: ['violations'], ...options });
            for (const { id, impact, nodes } of violations) {
                if (impact !== 'serious' && impact !== 'critical') continue;
                for (const node of nodes) found.push(`${theme}: ${id}: ${node.html.slice(0, 300)} (${node.failureSummary})`);
            }
        };
        const own = screens?.dataset.theme;
        await look(own ?? 'page', {});
        if (screens) {
            for (const theme of ['light', 'dark', 'black'].filter((theme) => theme !== own)) {
                screens.dataset.theme = theme;
                await look(theme, { runOnly: ['color-contrast'] });
            }
            screens.dataset.theme = own;
        }
        done(found);
    })().catch((error) => done([String(error)]));";

/// No rule finds anything serious on the page that is shown.
pub(crate) async fn accessible(browser: &Browser, name: &str) {
    if browser.run("return typeof axe === 'undefined'").await == Value::Bool(true) {
        browser.run(AXE).await;
    }
    let found = browser.client.execute_async(RUN, Vec::new()).await.unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(found, Value::Array(Vec::new()), "{name}: {found:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_find_what_is_wrong() {
    let alice = Person::welcomed("Alice", (390, 844)).await;
    accessible(&alice.browser, "welcome").await;
    let wrong = "document.querySelector('.composer').insertAdjacentHTML('beforeend',
        `<button id=\"nameless\"></button><p id=\"faint\">faint</p>`);
        document.getElementById('faint').style.color = 'var(--line)'";
    alice.browser.run(wrong).await;
    let found = alice.browser.client.execute_async(RUN, Vec::new()).await.unwrap();
    let found: Vec<String> = found.as_array().unwrap().iter().map(text).collect();
    assert!(found.iter().any(|line| line.contains("button-name")), "{found:?}");
    for theme in ["light", "dark", "black"] {
        let faint =
            |line: &String| line.starts_with(theme) && line.contains("color-contrast") && line.contains("faint");
        assert!(found.iter().any(faint), "{theme}: {found:?}");
    }
    alice.browser.close().await;
}
