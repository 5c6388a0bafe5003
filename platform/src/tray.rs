//! An icon of the program's in the desktop's tray (`org.kde.StatusNotifierItem`). Elsewhere, and on desktops without a tray,
//! there is none, and a window that is closed is closed.

/// What came from the tray, on a thread of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayEvent {
    /// The icon was clicked, or its first line chosen.
    Show,
    /// The program is to end.
    Quit,
    /// The desktop shows no tray any more: whatever is reached by it alone is out of reach.
    Gone,
    /// The desktop shows it again.
    Back,
}

/// What is to be read at the icon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayTexts {
    pub name: String,
    pub show: String,
    pub quit: String,
}

/// Why there is no icon.
#[derive(Debug, thiserror::Error)]
pub enum TrayError {
    #[error("this desktop has no tray: {0}")]
    None(String),
}

/// The icon stays in the tray as long as this lives.
pub struct Tray {
    #[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
    handle: ksni::blocking::Handle<desk::Item>,
}

impl std::fmt::Debug for Tray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tray")
    }
}

#[cfg(not(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android")))))]
impl Tray {
    /// Puts the icon into the tray; waits for the desktop's answer. `rgba`: so many pixels wide and high, row by row.
    ///
    /// # Errors
    /// `None`, always: not on this system yet.
    pub fn put(
        _texts: TrayTexts,
        _side: u32,
        _rgba: &[u8],
        _on: impl Fn(TrayEvent) + Send + Sync + 'static,
    ) -> Result<Self, TrayError> {
        Err(TrayError::None("not on this system yet".to_owned()))
    }

    /// What is to be read beside the name: nothing where it is empty.
    pub fn tell(&self, _told: &str) {}
}

#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
mod desk {
    use ksni::blocking::TrayMethods;
    use ksni::menu::StandardItem;
    use ksni::{Category, Icon, MenuItem, OfflineReason, ToolTip};

    use super::{Tray, TrayError, TrayEvent, TrayTexts};

    /// The icon as the tray asks for it.
    pub(super) struct Item {
        texts: TrayTexts,
        icon: Icon,
        told: String,
        on: Box<dyn Fn(TrayEvent) + Send + Sync>,
    }

    impl std::fmt::Debug for Item {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Item")
        }
    }

    impl ksni::Tray for Item {
        fn id(&self) -> String {
            "kith".to_owned()
        }

        fn title(&self) -> String {
            self.texts.name.clone()
        }

        fn category(&self) -> Category {
            Category::Communications
        }

        fn icon_pixmap(&self) -> Vec<Icon> {
            vec![self.icon.clone()]
        }

        fn tool_tip(&self) -> ToolTip {
            ToolTip { title: self.texts.name.clone(), description: self.told.clone(), ..ToolTip::default() }
        }

        fn activate(&mut self, _x: i32, _y: i32) {
            (self.on)(TrayEvent::Show);
        }

        fn menu(&self) -> Vec<MenuItem<Self>> {
            let line = |label: &str, event| -> MenuItem<Self> {
                let activate = Box::new(move |item: &mut Self| (item.on)(event));
                StandardItem { label: label.to_owned(), activate, ..StandardItem::default() }.into()
            };
            vec![line(&self.texts.show, TrayEvent::Show), line(&self.texts.quit, TrayEvent::Quit)]
        }

        fn watcher_online(&self) {
            (self.on)(TrayEvent::Back);
        }

        fn watcher_offline(&self, reason: OfflineReason) -> bool {
            tracing::debug!(?reason, "the tray is gone");
            (self.on)(TrayEvent::Gone);
            true
        }
    }

    impl Tray {
        /// Puts the icon into the tray; waits for the desktop's answer. `rgba`: so many pixels wide and high, row by row.
        ///
        /// # Errors
        /// `None` where the desktop has no tray, or no session bus.
        pub fn put(
            texts: TrayTexts,
            side: u32,
            rgba: &[u8],
            on: impl Fn(TrayEvent) + Send + Sync + 'static,
        ) -> Result<Self, TrayError> {
            let side = i32::try_from(side).unwrap_or_default();
            let icon = Icon { width: side, height: side, data: argb(rgba) };
            let item = Item { texts, icon, told: String::new(), on: Box::new(on) };
            // A desktop that shows its tray only later says so then.
            let handle = item.assume_sni_available(true).spawn().map_err(|error| TrayError::None(error.to_string()))?;
            Ok(Self { handle })
        }

        /// What is to be read beside the name: nothing where it is empty.
        pub fn tell(&self, told: &str) {
            let _gone = self.handle.update(|item| told.clone_into(&mut item.told));
        }
    }

    impl Drop for Tray {
        fn drop(&mut self) {
            // It goes without waiting for the bus.
            let _ends = self.handle.shutdown();
        }
    }

    /// Each pixel with its alpha first.
    fn argb(rgba: &[u8]) -> Vec<u8> {
        rgba.chunks_exact(4).flat_map(|pixel| pixel.iter().cycle().skip(3).take(4)).copied().collect()
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn pixels_are_turned() {
            assert_eq!(super::argb(&[1, 2, 3, 4, 5, 6, 7, 8]), [4, 1, 2, 3, 8, 5, 6, 7]);
        }
    }
}
