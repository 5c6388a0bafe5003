//! The camera in the window, for codes that are held before it (`kith_ui`'s scanning): the engine of the page keeps it from
//! pages unless the program says otherwise.
//!
//! The page runs nothing but this program's own script, which asks for the camera when its user presses the button for it;
//! so whoever pressed it is not asked again. Sound is never asked for, and would be refused.

/// Lets the page have the camera, before its script runs: what a page can ask for is settled then. Answers whether there is
/// a page already.
#[cfg(target_os = "linux")]
pub(crate) fn allow() -> bool {
    use glib::prelude::{Cast as _, ObjectExt as _};
    use webkit2gtk::{
        DeviceInfoPermissionRequest, PermissionRequestExt as _, SettingsExt as _, UserMediaPermissionRequest,
        UserMediaPermissionRequestExt as _, WebViewExt as _,
    };

    let Some(view) = gtk::Window::list_toplevels().iter().find_map(page_in) else { return false };
    if let Some(settings) = view.settings() {
        settings.set_enable_media_stream(true);
    }
    view.connect_permission_request(|_, asked| {
        let camera = asked.downcast_ref::<UserMediaPermissionRequest>();
        let camera = camera.is_some_and(|camera| camera.is_for_video_device() && !camera.is_for_audio_device());
        // Whether there is a camera at all is asked before its button is shown.
        if camera || asked.is::<DeviceInfoPermissionRequest>() {
            asked.allow()
        } else {
            asked.deny()
        }
        true
    });
    true
}

/// The page among a window's widgets.
#[cfg(target_os = "linux")]
fn page_in(widget: &gtk::Widget) -> Option<webkit2gtk::WebView> {
    use glib::prelude::Cast as _;
    use gtk::prelude::ContainerExt as _;

    if let Some(page) = widget.downcast_ref::<webkit2gtk::WebView>() {
        return Some(page.clone());
    }
    widget.downcast_ref::<gtk::Container>()?.children().iter().find_map(page_in)
}

/// The engines of the other systems ask the user themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) const fn allow() -> bool {
    true
}
