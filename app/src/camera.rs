//! The camera in the window, for codes that are held before it (`kith_ui`'s scanning): the engine of the page keeps it from
//! pages unless the program says otherwise.
//!
//! The page runs nothing but this program's own script, which asks for the camera when its user presses the button for it;
//! so whoever pressed it is not asked again. Sound is never asked for, and would be refused.

use glib::prelude::{Cast as _, ObjectExt as _};
use webkit2gtk::{
    DeviceInfoPermissionRequest, PermissionRequestExt as _, SettingsExt as _, UserMediaPermissionRequest,
    UserMediaPermissionRequestExt as _, WebView, WebViewExt as _,
};

/// Lets the page have the camera; before its script runs, as what a page can ask for is settled then.
pub(crate) fn allow(page: &WebView) {
    if let Some(settings) = page.settings() {
        settings.set_enable_media_stream(true);
    }
    page.connect_permission_request(|_, asked| {
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
}
