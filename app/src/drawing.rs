//! When and how the page is drawn. Not before it has loaded. And where there is no graphics card, as in many virtual machines,
//! without layers: the toolkit would have them put together by a library that plays a graphics card on the processor, which
//! takes longer.

#[cfg(target_os = "linux")]
use std::path::Path;

/// Of the window before there is a page: `--bg` of the light theme, and of the dark one.
pub(crate) const GROUND: (u8, u8, u8) = (0xf7, 0xf5, 0xf2);
#[cfg(target_os = "linux")]
const DARK_GROUND: (u8, u8, u8) = (0x14, 0x12, 0x0f);

/// WebKitGTK's own switch; whoever set it chose already.
#[cfg(target_os = "linux")]
const WITHOUT_LAYERS: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
/// One of these is there with a graphics card that draws: of the kernel's drivers, of NVIDIA's own, of Windows around it.
#[cfg(target_os = "linux")]
const CARDS: [(&str, &str); 3] = [("/dev/dri", "renderD"), ("/dev", "nvidiactl"), ("/dev", "dxg")];

/// Chooses; to be called before there are threads, as it changes the environment.
#[cfg(target_os = "linux")]
pub(crate) fn choose() {
    let chosen = std::env::var_os(WITHOUT_LAYERS).is_some();
    if !chosen && !CARDS.iter().any(|(folder, begin)| has(Path::new(folder), begin)) {
        // Without it all is drawn too, only slower.
        let _slower = glib::setenv(WITHOUT_LAYERS, "1", false);
    }
}

/// Keeps a page that is loading from being drawn; the window is filled with its ground meanwhile. The engine would be asked
/// for a picture at the window's first frame, has none before the page is there, and the window waits half a second for it,
/// in which nothing else happens, the loading neither.
#[cfg(target_os = "linux")]
pub(crate) fn hold_until_loaded(page: &webkit2gtk::WebView) {
    use std::cell::Cell;
    use std::rc::Rc;

    use gtk::prelude::{GtkSettingsExt as _, WidgetExt as _};
    use webkit2gtk::{LoadEvent, WebViewExt as _};

    let loaded = Rc::new(Cell::new(false));
    let there = Rc::clone(&loaded);
    page.connect_draw(move |_, context| {
        if there.get() {
            return glib::Propagation::Proceed;
        }
        // As the engine decides which theme the system prefers.
        let dark = gtk::Settings::default().is_some_and(|system| {
            let name = system.gtk_theme_name().unwrap_or_default().to_lowercase();
            system.is_gtk_application_prefer_dark_theme() || name.ends_with("-dark") || name.ends_with(":dark")
        });
        let (red, green, blue) = if dark { DARK_GROUND } else { GROUND };
        let [red, green, blue] = [red, green, blue].map(|part| f64::from(part) / f64::from(u8::MAX));
        context.set_source_rgb(red, green, blue);
        // Where it cannot be filled, it is as before.
        let _unfilled = context.paint();
        glib::Propagation::Stop
    });
    page.connect_load_changed(move |page, event| {
        if event == LoadEvent::Finished {
            loaded.set(true);
            page.queue_draw();
        }
    });
}

/// Other toolkits know.
#[cfg(not(target_os = "linux"))]
pub(crate) fn choose() {}

#[cfg(target_os = "linux")]
fn has(folder: &Path, begin: &str) -> bool {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| name.to_string_lossy().starts_with(begin))
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_ground_is_that_of_the_screens() {
        for (red, green, blue) in [GROUND, DARK_GROUND] {
            let colour = format!("#{red:02x}{green:02x}{blue:02x}");
            assert!(kith_ui::CSS.contains(&format!("--bg: {colour};")), "{colour}");
            assert!(kith_ui::CSS.contains(&format!("html {{ background: {colour}; }}")), "{colour}");
        }
    }

    #[test]
    fn a_card_is_found_by_what_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has(folder.path(), "renderD") && !has(&folder.path().join("none"), "renderD"));
        std::fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has(folder.path(), "renderD"), "a screen that cannot draw");
        std::fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has(folder.path(), "renderD"));
    }
}
