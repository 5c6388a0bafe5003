//! How the page is drawn where there is no graphics card, as in many virtual machines: the toolkit would have its layers put
//! together by a library that plays a graphics card on the processor, which takes longer than drawing without layers.

#[cfg(target_os = "linux")]
use std::path::Path;

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
    fn a_card_is_found_by_what_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has(folder.path(), "renderD") && !has(&folder.path().join("none"), "renderD"));
        std::fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has(folder.path(), "renderD"), "a screen that cannot draw");
        std::fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has(folder.path(), "renderD"));
    }
}
