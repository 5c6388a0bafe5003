//! Icons as inline vectors (24 × 24, strokes in the text's colour), and the mark of Kith.

use dioxus::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Home,
    People,
    Person,
    Settings,
    Back,
    Picture,
    Camera,
    Warning,
    More,
    Comment,
    Smile,
    Close,
    Copy,
    Up,
    Clock,
    Edit,
    Trash,
    Waiting,
    Search,
    Bookmark,
    BookmarkFilled,
    Mute,
    Block,
    Add,
    Repost,
    Message,
    Send,
    Reply,
    Leave,
    Down,
    Check,
    Checks,
    Held,
    Globe,
    Circle,
    Unfold,
    Shield,
    Attach,
    Lock,
    Minus,
    Next,
    Bell,
    Quote,
    Poll,
}

impl Shape {
    /// Whether it points along a line of text, and is turned with it.
    fn runs_along(self) -> bool {
        matches!(self, Self::Back | Self::Send | Self::Reply | Self::Leave)
    }

    fn path(self) -> &'static str {
        match self {
            Self::Home => "M4 11.5 12 4l8 7.5V19a1 1 0 0 1-1 1h-4.5v-5.5h-5V20H5a1 1 0 0 1-1-1z",
            Self::People => {
                "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.4-3.4 3-5.5 6.500-5.500s6.100 2.100 6.500 5.500M16 4.800a3.500 3.500 0 0 1 0 6.400M18 14.400c2 .8 3.300 2.600 3.500 5.100"
            }
            Self::Person => {
                "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20.500c.5-4 3.500-6.200 7.500-6.200s7 2.200 7.500 6.200"
            }
            Self::Settings => {
                "M4 7h9M17 7h3M15 9.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400ZM4 17h3M11 17h9M9 19.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400Z"
            }
            Self::Back => "M20 12H5M11 5.500 4.500 12l6.500 6.500",
            Self::Picture => {
                "M5 4.500h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM4.500 17l5-5.500 4 4 2.500-2.500 3.800 3.800M15.500 9.500h.01"
            }
            Self::Camera => {
                "M4.500 7.500h3.200l1.500-2h5.600l1.500 2h3.200a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM12 16a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400Z"
            }
            Self::Warning => "M12 4.500 3.500 19.500h17zM12 10v4.500M12 17.200v.01",
            Self::More => "M5.500 12h.01M12 12h.01M18.500 12h.01",
            Self::Comment => {
                "M5 5h14a1 1 0 0 1 1 1v9.500a1 1 0 0 1-1 1h-6.500L8 20v-3.500H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z"
            }
            Self::Smile => {
                "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM8.500 14c.8 1.300 2 2 3.500 2s2.700-.7 3.500-2M9 9.700v.01M15 9.700v.01"
            }
            Self::Minus => "M5 12h14",
            Self::Poll => "M4.500 4v16M4.500 7H14M4.500 12H20M4.500 17H10",
            Self::Quote => {
                "M10 7c-3.500.500-5 2.500-5 5.500V17h5v-5H7.500M19 7c-3.500.500-5 2.500-5 5.500V17h5v-5h-2.500"
            }
            Self::Next => "M4 12h15M13 5.500 19.500 12l-6.500 6.500",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Copy => {
                "M9 8.500h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM5.500 15.500H5a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1V6"
            }
            Self::Up => "M12 19.500V5M5.500 11 12 4.500l6.500 6.500",
            Self::Clock => "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 7.500V12l3 2",
            Self::Edit => {
                "M4.500 19.500 5.500 15 15.800 4.700a1.400 1.400 0 0 1 2 0l1.500 1.500a1.400 1.400 0 0 1 0 2L9 18.500z"
            }
            Self::Trash => {
                "M4.500 7h15M9.500 7V4.500h5V7M6.500 7l.8 12a1 1 0 0 0 1 1h7.400a1 1 0 0 0 1-1l.8-12M10 11v5M14 11v5"
            }
            Self::Search => "M10.500 17.500a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM15.800 15.800 20.500 20.500",
            Self::Bookmark | Self::BookmarkFilled => "M7 4.500h10a1 1 0 0 1 1 1V20l-6-4.500L6 20V5.500a1 1 0 0 1 1-1Z",
            Self::Mute => "M4.500 10v4h3.200l4.300 4V6L7.700 10zM16 9.500l5 5M21 9.500l-5 5",
            Self::Block => "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM6 6l12 12",
            Self::Add => "M12 5v14M5 12h14",
            Self::Repost => {
                "M7 20l-3.500-3.500L7 13M3.500 16.500H17a2 2 0 0 0 2-2V11M17 4l3.500 3.500L17 11M20.500 7.500H7a2 2 0 0 0-2 2V13"
            }
            Self::Message => {
                "M4.500 5.500h15a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1ZM4 7l8 6.500L20 7"
            }
            Self::Send => "M20.500 4 3.500 10.500l7 3 3 7zM10.500 13.500l4-4",
            Self::Reply => "M9.500 6.500 4.500 11.500l5 5M4.500 11.500H14a5.500 5.500 0 0 1 5.500 5.500v1.500",
            Self::Leave => {
                "M13.500 4.500H6a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h7.500M10.500 12H20.500M17 8.500l3.500 3.500-3.500 3.500"
            }
            Self::Down => "M12 4.500V19M5.500 13 12 19.500l6.500-6.500",
            Self::Check => "M5.500 12.500 10 17l8.500-10",
            Self::Checks => "M2.500 12.500 7 17l8.500-10M12.500 16l1 1L22 7",
            Self::Held => {
                "M4 13.500h4l1.500 3h5l1.500-3h4M4 13.500 6.500 6h11l2.500 7.500V18a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1z"
            }
            Self::Globe => {
                "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM3.500 12h17M12 3.500c2.400 2.300 3.600 5.200 3.600 8.500s-1.200 6.200-3.600 8.500c-2.400-2.300-3.600-5.200-3.600-8.500s1.200-6.200 3.600-8.500Z"
            }
            Self::Circle => {
                "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM7.300 17.500c.5-2.200 2.300-3.500 4.700-3.500s4.200 1.300 4.700 3.500"
            }
            Self::Unfold => "M7 10l5 5 5-5",
            Self::Shield => {
                "M12 3.500 5 6v5.500c0 4.300 2.800 7.300 7 9 4.200-1.700 7-4.700 7-9V6zM9 12l2.200 2.200 3.800-4.200"
            }
            Self::Attach => {
                "M19.500 11.500l-7.800 7.800a5 5 0 0 1-7.100-7.100l8.300-8.300a3.300 3.300 0 0 1 4.700 4.700l-8.300 8.300a1.700 1.700 0 0 1-2.400-2.400l7.300-7.300"
            }
            Self::Lock => {
                "M6 11h12a1 1 0 0 1 1 1v7.500a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V12a1 1 0 0 1 1-1ZM8 11V8a4 4 0 0 1 8 0v3M12 14.500v2.500"
            }
            Self::Bell => "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4M12 5V3.500",
            Self::Waiting => {
                "M7 18.500a4 4 0 0 1-.5-8 5.500 5.500 0 0 1 10.600-.9A4.500 4.500 0 0 1 17 18.500M12 20v-7M9.500 15.500 12 13l2.500 2.500"
            }
        }
    }
}

#[component]
pub(crate) fn Icon(shape: Shape) -> Element {
    rsx! {
        svg {
            class: if shape.runs_along() { "icon icon-along" } else { "icon" },
            view_box: "0 0 24 24",
            width: "24",
            height: "24",
            fill: if shape == Shape::BookmarkFilled { "currentColor" } else { "none" },
            stroke: "currentColor",
            // Its dots are all there is of it.
            stroke_width: if shape == Shape::More { "2.8" } else { "1.8" },
            stroke_linecap: "round",
            stroke_linejoin: "round",
            "aria-hidden": "true",
            path { d: shape.path() }
        }
    }
}

/// The mark: two rings that hold each other.
#[component]
pub fn Mark() -> Element {
    rsx! {
        svg { class: "mark", view_box: "0 0 48 48", width: "48", height: "48", "aria-hidden": "true",
            rect { class: "mark-ground", x: "0", y: "0", width: "48", height: "48", rx: "14" }
            path {
                class: "mark-line",
                fill: "none",
                stroke_width: "4",
                stroke_linecap: "round",
                d: "M26.500 17.200A9 9 0 1 0 27 30.500M21.500 30.800A9 9 0 1 0 21 17.500",
            }
        }
    }
}
