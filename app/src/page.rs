//! The page as its engine knows it, for what the toolkit leaves to the program.

#[cfg(target_os = "linux")]
use glib::prelude::Cast as _;
#[cfg(target_os = "linux")]
use gtk::prelude::ContainerExt as _;

/// What has to be settled before the page's script runs and before it is drawn: to be called at each event until it answers
/// that there is a page.
#[cfg(target_os = "linux")]
pub(crate) fn prepare() -> bool {
    let Some(page) = gtk::Window::list_toplevels().iter().find_map(page_in) else { return false };
    crate::camera::allow(&page);
    crate::drawing::hold_until_loaded(&page);
    true
}

/// The engines of the other systems ask for the camera themselves, and draw on their own.
#[cfg(not(target_os = "linux"))]
pub(crate) const fn prepare() -> bool {
    true
}

/// The page among a window's widgets.
#[cfg(target_os = "linux")]
fn page_in(widget: &gtk::Widget) -> Option<webkit2gtk::WebView> {
    if let Some(page) = widget.downcast_ref::<webkit2gtk::WebView>() {
        return Some(page.clone());
    }
    widget.downcast_ref::<gtk::Container>()?.children().iter().find_map(page_in)
}
