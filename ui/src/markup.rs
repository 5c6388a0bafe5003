//! Markdown-lite: paragraphs, line breaks, `*emphasis*`, `**strong**`, `` `code` ``, links that start with http:// or
//! https://, #tags, and mentions: `@` and a persona's id, shown as the name that the reader knows. Parsed into a tree and drawn as elements: a text can't become HTML, a link always shows where
//! it leads. Runs in time that grows with the text; nesting is bounded.

use dioxus::prelude::*;
use kith_node::id::PersonaId;
use kith_node::view::MentionView;
use kith_node::{mention_at, mention_begins};

use crate::mention::Names;
use crate::post::shown_name;
use crate::route::{Places, Route};
use crate::search::Search;
use crate::surface::escape;

/// Emphasis within emphasis.
const DEPTH: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inline {
    Text(String),
    Break,
    Emphasis(Vec<Self>),
    Strong(Vec<Self>),
    Code(String),
    /// Shown as it is written.
    Link(String),
    /// Without its `#`.
    Tag(String),
    /// A mention only where who wrote it says so beside the text too.
    Mention(PersonaId),
}

/// The paragraphs of a text.
pub(crate) fn parse(text: &str) -> Vec<Vec<Inline>> {
    let mut paragraphs = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    let mut end = |lines: &mut Vec<&str>| {
        if !lines.is_empty() {
            paragraphs.push(inlines(&lines.join("\n"), DEPTH));
            lines.clear();
        }
    };
    for line in text.lines() {
        if line.trim().is_empty() {
            end(&mut lines);
        } else {
            lines.push(line.trim_end());
        }
    }
    end(&mut lines);
    paragraphs
}

/// The first link of a text.
pub(crate) fn first_link(text: &str) -> Option<String> {
    fn first(parts: &[Inline]) -> Option<String> {
        parts.iter().find_map(|part| match part {
            Inline::Link(link) => Some(link.clone()),
            Inline::Emphasis(inner) | Inline::Strong(inner) => first(inner),
            _ => None,
        })
    }
    parse(text).iter().find_map(|paragraph| first(paragraph))
}

/// A text with its markup drawn.
#[component]
pub(crate) fn Markup(
    text: ReadSignal<String>,
    /// Whom it names.
    #[props(default)]
    mentions: ReadSignal<Vec<MentionView>>,
) -> Element {
    let paragraphs = use_memo(move || parse(&text.read()));
    let names = try_use_context::<Names>();
    use_effect(move || {
        if let Some(names) = names.filter(|_| !mentions.read().is_empty()) {
            names.know(&mentions.read());
        }
    });
    rsx! {
        div { class: "markup",
            for (at , paragraph) in paragraphs.read().iter().enumerate() {
                p { key: "{at}", dir: "auto", {draw(paragraph, &mentions.read())} }
            }
        }
    }
}

/// A text as HTML, for pages that others than the app draw. Written from the tree: whatever the text holds, there are
/// only these elements, and attributes that are a checked link.
pub fn text_as_html(text: &str, mentions: &[MentionView]) -> String {
    let mut html = String::new();
    for paragraph in parse(text) {
        html.push_str("<p dir=\"auto\">");
        write_html(&paragraph, mentions, &mut html);
        html.push_str("</p>");
    }
    html
}

fn write_html(inlines: &[Inline], mentions: &[MentionView], html: &mut String) {
    let escaped = |text: &str| escape(text).replace('>', "&gt;").replace('\'', "&#39;");
    for inline in inlines {
        match inline {
            Inline::Text(text) => html.push_str(&escaped(text)),
            Inline::Break => html.push_str("<br>"),
            Inline::Emphasis(inner) => {
                html.push_str("<em>");
                write_html(inner, mentions, html);
                html.push_str("</em>");
            }
            Inline::Strong(inner) => {
                html.push_str("<strong>");
                write_html(inner, mentions, html);
                html.push_str("</strong>");
            }
            Inline::Code(text) => html.push_str(&format!("<code dir=\"ltr\">{}</code>", escaped(text))),
            Inline::Link(href) => {
                let href = escaped(href);
                html.push_str(&format!(
                    "<a href=\"{href}\" rel=\"noopener noreferrer nofollow ugc\" dir=\"ltr\">{href}</a>"
                ));
            }
            Inline::Tag(tag) => html.push_str(&format!("<bdi class=\"tag\">#{}</bdi>", escaped(tag))),
            Inline::Mention(id) => match named(*id, mentions) {
                Some(name) => html.push_str(&format!("<bdi class=\"mention\">@{}</bdi>", escaped(&name))),
                None => html.push_str(&format!("@{id}")),
            },
        }
    }
}

/// A text without its marks, on one line: for previews.
pub fn text_as_plain(text: &str, mentions: &[MentionView]) -> String {
    let mut plain = String::new();
    for paragraph in parse(text) {
        write_plain(&paragraph, mentions, &mut plain);
        plain.push(' ');
    }
    plain.trim_end().to_owned()
}

fn write_plain(inlines: &[Inline], mentions: &[MentionView], plain: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Link(text) => plain.push_str(text),
            Inline::Tag(tag) => plain.push_str(&format!("#{tag}")),
            Inline::Break => plain.push(' '),
            Inline::Emphasis(inner) | Inline::Strong(inner) => write_plain(inner, mentions, plain),
            Inline::Mention(id) => {
                plain.push_str(&format!("@{}", named(*id, mentions).unwrap_or_else(|| id.to_string())));
            }
        }
    }
}

/// By what name somebody whom the text names is known.
fn named(id: PersonaId, mentions: &[MentionView]) -> Option<String> {
    mentions.iter().find(|mention| mention.persona == id).map(MentionView::shown)
}

fn draw(inlines: &[Inline], mentions: &[MentionView]) -> Element {
    rsx! {
        for inline in inlines {
            match inline {
                Inline::Text(text) => rsx! { "{text}" },
                Inline::Break => rsx! { br {} },
                Inline::Emphasis(inner) => rsx! { em { {draw(inner, mentions)} } },
                Inline::Strong(inner) => rsx! { strong { {draw(inner, mentions)} } },
                Inline::Code(text) => rsx! { code { dir: "ltr", "{text}" } },
                Inline::Link(href) => rsx! {
                    a {
                        href: "{href}",
                        target: "_blank",
                        rel: "noopener noreferrer nofollow",
                        dir: "ltr",
                        onclick: |event: MouseEvent| event.stop_propagation(),
                        "{href}"
                    }
                },
                Inline::Tag(tag) => rsx! { Tag { tag: tag.clone() } },
                Inline::Mention(id) => match mentions.iter().find(|mention| mention.persona == *id) {
                    Some(mention) => rsx! { Mention { mention: mention.clone() } },
                    None => rsx! { "@{id}" },
                },
            }
        }
    }
}

/// Somebody who is named: leads to them.
#[component]
fn Mention(mention: ReadSignal<MentionView>) -> Element {
    let view = mention.read();
    let name = if view.name.trim().is_empty() { view.shown() } else { shown_name(&view.name) };
    rsx! {
        button {
            class: "tag",
            role: "link",
            "data-testid": "mention",
            onclick: move |event: MouseEvent| {
                event.stop_propagation();
                if let Some(places) = try_consume_context::<Places>() {
                    places.go(Route::Person(mention.peek().persona));
                }
            },
            bdi { "@{name}" }
        }
    }
}

/// A hashtag that leads to its posts.
#[component]
fn Tag(tag: ReadSignal<String>) -> Element {
    rsx! {
        button {
            class: "tag",
            "data-testid": "tag",
            onclick: move |event: MouseEvent| {
                event.stop_propagation();
                if let Some((search, places)) = try_consume_context::<Search>().zip(try_consume_context::<Places>()) {
                    search.tag(places, &tag.peek());
                }
            },
            bdi { "#{tag}" }
        }
    }
}

fn inlines(text: &str, depth: usize) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    let mut before = ' ';
    // Once no closing mark was found there is none further on either: this keeps long runs of marks cheap.
    let (mut strong, mut emphasis, mut code) = (depth > 0, depth > 0, true);
    while let Some(first) = rest.chars().next() {
        let mut found = None;
        match first {
            '\\' => {
                let mut chars = rest.chars();
                chars.next();
                if let Some(mark) = chars.next().filter(char::is_ascii_punctuation) {
                    plain.push(mark);
                    before = mark;
                    rest = chars.as_str();
                    continue;
                }
            }
            '\n' => found = Some((Inline::Break, tail(rest, 1))),
            '`' if code => {
                found = enclosed(rest, "`").map(|(inner, after)| (Inline::Code(inner.to_owned()), after));
                code = found.is_some();
            }
            '*' if rest.starts_with("**") && strong && !opens_on_space(tail(rest, 2)) => {
                found = enclosed(rest, "**").map(|(inner, after)| (Inline::Strong(inlines(inner, depth - 1)), after));
                strong = found.is_some();
            }
            '*' if !rest.starts_with("**") && emphasis && !opens_on_space(tail(rest, 1)) => {
                found = single_star(rest).map(|(inner, after)| (Inline::Emphasis(inlines(inner, depth - 1)), after));
                emphasis = found.is_some();
            }
            'h' | 'H' if !before.is_alphanumeric() => found = link(rest),
            '@' if mention_begins(Some(before)) => {
                found = mention_at(rest).map(|(id, after)| (Inline::Mention(id), after));
            }
            '#' if !before.is_alphanumeric() && before != '#' && before != '/' && before != '&' => found = tag(rest),
            _ => {}
        }
        if let Some((inline, after)) = found {
            if !plain.is_empty() {
                out.push(Inline::Text(std::mem::take(&mut plain)));
            }
            out.push(inline);
            before = ' ';
            rest = after;
        } else {
            plain.push(first);
            before = first;
            rest = tail(rest, first.len_utf8());
        }
    }
    if !plain.is_empty() {
        out.push(Inline::Text(plain));
    }
    out
}

fn tail(text: &str, bytes: usize) -> &str {
    text.get(bytes..).unwrap_or_default()
}

fn opens_on_space(text: &str) -> bool {
    text.chars().next().is_none_or(char::is_whitespace)
}

/// What stands between `mark` at the start and the next `mark`, and what follows.
fn enclosed<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let (inner, after) = tail(text, mark.len()).split_once(mark)?;
    let ends_well = inner.chars().next_back().is_some_and(|last| mark == "`" || !last.is_whitespace());
    ends_well.then_some((inner, after))
}

/// As [`enclosed`] for one `*`, passing over `**`.
fn single_star(text: &str) -> Option<(&str, &str)> {
    let inside = tail(text, 1);
    let mut stars = inside.match_indices('*').map(|(at, _)| at).peekable();
    while let Some(at) = stars.next() {
        if stars.peek() == Some(&(at + 1)) {
            stars.next();
            continue;
        }
        let (inner, after) = inside.split_at_checked(at)?;
        if inner.chars().next_back().is_some_and(|last| !last.is_whitespace()) {
            return Some((inner, tail(after, 1)));
        }
    }
    None
}

fn link(text: &str) -> Option<(Inline, &str)> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let end = text.find(ends_link).unwrap_or(text.len());
    let mut whole = text.get(..end)?;
    // Sentence marks and an unopened bracket belong to the sentence around the link.
    while let Some(last) = whole.chars().next_back() {
        let drop = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '…' => true,
            ')' => whole.matches(')').count() > whole.matches('(').count(),
            ']' => whole.matches(']').count() > whole.matches('[').count(),
            _ => false,
        };
        if !drop {
            break;
        }
        whole = whole.get(..whole.len() - last.len_utf8())?;
    }
    let host = tail(whole, scheme.len());
    host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        .then(|| (Inline::Link(whole.to_owned()), tail(text, whole.len())))
}

/// Also marks that reorder text, so that a link can't be shown as another one.
fn ends_link(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`' | '\\' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn tag(text: &str) -> Option<(Inline, &str)> {
    let inside = tail(text, 1);
    let end = inside.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inside.len());
    let (name, after) = inside.split_at_checked(end)?;
    name.contains(|c: char| c.is_alphabetic()).then(|| (Inline::Tag(name.to_owned()), after))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(s: &str) -> Inline {
        Inline::Text(s.to_owned())
    }

    fn only(source: &str) -> Vec<Inline> {
        let mut paragraphs = parse(source);
        assert_eq!(paragraphs.len(), 1, "{paragraphs:?}");
        paragraphs.remove(0)
    }

    fn plain(inlines: &[Inline]) -> String {
        inlines
            .iter()
            .map(|inline| match inline {
                Inline::Text(t) | Inline::Code(t) | Inline::Link(t) => t.clone(),
                Inline::Tag(t) => format!("#{t}"),
                Inline::Mention(id) => format!("@{id}"),
                Inline::Break => "\n".to_owned(),
                Inline::Emphasis(inner) | Inline::Strong(inner) => plain(inner),
            })
            .collect()
    }

    #[test]
    fn marks_become_a_tree() {
        assert_eq!(
            only("a *b **c** d* `e*f*`"),
            vec![
                text("a "),
                Inline::Emphasis(vec![text("b "), Inline::Strong(vec![text("c")]), text(" d")]),
                text(" "),
                Inline::Code("e*f*".into())
            ]
        );
    }

    #[test]
    fn marks_without_a_partner_stay_text() {
        for same in ["2 * 3 * 4", "**open", "*", "`", "a ` b", "***", "# not a tag", "#1", "snake_case_name"] {
            assert_eq!(only(same), vec![text(same)], "{same}");
        }
        assert_eq!(only(r"\*not\*"), vec![text("*not*")]);
    }

    #[test]
    fn paragraphs_and_breaks() {
        assert_eq!(parse("a\nb\n\n\nc").len(), 2);
        assert_eq!(only("a\nb"), vec![text("a"), Inline::Break, text("b")]);
        assert!(parse(" \n\n").is_empty());
    }

    #[test]
    fn links_are_only_http_and_end_before_the_sentence_mark() {
        assert_eq!(
            only("see (https://example.org/a_(b)), ok"),
            vec![text("see ("), Inline::Link("https://example.org/a_(b)".into()), text("), ok")]
        );
        for none in ["javascript:alert(1)", "https://", "xhttps://a.b", "data:text/html,x", "http:// a"] {
            assert!(!only(none).iter().any(|inline| matches!(inline, Inline::Link(_))), "{none}");
        }
        assert_eq!(only("https://a.b/\u{202e}gro")[0], Inline::Link("https://a.b/".into()));
    }

    #[test]
    fn tags() {
        assert_eq!(only("hi #Rust2026!"), vec![text("hi "), Inline::Tag("Rust2026".into()), text("!")]);
        assert_eq!(only("a#b"), vec![text("a#b")]);
    }

    #[test]
    fn whoever_is_named_beside_the_text_is_shown_by_name_and_nobody_else() {
        let (bob, other) = (PersonaId::from_bytes([0xb0; 32]), PersonaId::from_bytes([7; 32]));
        let source = format!("*Hey @{bob}*, @{other}, x@{bob}");
        assert_eq!(
            only(&source),
            vec![
                Inline::Emphasis(vec![text("Hey "), Inline::Mention(bob)]),
                text(", "),
                Inline::Mention(other),
                text(&format!(", x@{bob}"))
            ]
        );
        let mentions = [MentionView { persona: bob, name: "<B>ob".into() }];
        assert_eq!(text_as_plain(&source, &mentions), format!("Hey @<B>ob, @{other}, x@{bob}"));
        assert_eq!(
            text_as_html(&source, &mentions),
            format!("<p dir=\"auto\"><em>Hey <bdi class=\"mention\">@&lt;B&gt;ob</bdi></em>, @{other}, x@{bob}</p>")
        );
        let mut dom = VirtualDom::new_with_props(
            |(text, mentions): (String, Vec<MentionView>)| rsx! { Markup { text, mentions } },
            (source, mentions.to_vec()),
        );
        dom.rebuild_in_place();
        let html = dioxus_ssr::render(&dom);
        assert_eq!(html.matches("data-testid=\"mention\"").count(), 1, "{html}");
        assert!(html.contains("<bdi>@&#60;B&#62;ob</bdi>") && html.contains(&other.to_string()), "{html}");
    }

    #[test]
    fn html_is_text() {
        let mut dom = VirtualDom::new_with_props(
            |text: String| rsx! { Markup { text } },
            "<script>alert(1)</script> <img src=x onerror=alert(1)> \"'&".to_owned(),
        );
        dom.rebuild_in_place();
        let html = dioxus_ssr::render(&dom);
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("dir=\"auto\""));
    }

    #[test]
    fn as_html_a_text_is_only_what_the_tree_has() {
        assert_eq!(
            text_as_html("*a* **b** `c<` #tag\nnext\n\nhttps://a.b/?x=1&y='\"> end", &[]),
            "<p dir=\"auto\"><em>a</em> <strong>b</strong> <code dir=\"ltr\">c&lt;</code> \
             <bdi class=\"tag\">#tag</bdi><br>next</p>\
             <p dir=\"auto\"><a href=\"https://a.b/?x=1&amp;y=\" rel=\"noopener noreferrer nofollow ugc\" \
             dir=\"ltr\">https://a.b/?x=1&amp;y=</a>&#39;&quot;&gt; end</p>"
        );
        assert_eq!(text_as_plain("*a* `b`\n#c\n\nd https://e.f", &[]), "a b #c d https://e.f");
    }

    #[test]
    fn long_runs_of_marks_are_quick() {
        for mark in ["*", "**", "`", "*a ", "**a ", "#", "\\", "h", "https://a(", "\u{202e}", "*a**b"] {
            let source: String = mark.repeat(20_000 / mark.len());
            let started = std::time::Instant::now();
            parse(&source);
            assert!(started.elapsed().as_secs() < 2, "{mark}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_invented(source in "[a-z *`#\\\\\n<>:/.()]{0,80}|\\PC{0,60}") {
            let shown: String = parse(&source).iter().map(|p| plain(p)).collect();
            let mut letters = source.chars().filter(|c| c.is_alphanumeric());
            for c in shown.chars().filter(|c| c.is_alphanumeric()) {
                prop_assert!(letters.any(|known| known == c));
            }
        }

        #[test]
        fn html_holds_no_element_of_the_text(source in "(<[a-z/!]{0,8}( on[a-z]{1,6}=['\"]?)?>?|[a-z *`#\"'&;\n]|https?://[a-z'\"<>]{0,12} ){0,24}") {
            let html = text_as_html(&source, &[]);
            for (at, _) in html.match_indices('<') {
                let ours = ["<p dir=\"auto\">", "</p>", "<br>", "<em>", "</em>", "<strong>", "</strong>",
                    "<code dir=\"ltr\">", "</code>", "<a href=\"http", "</a>", "<bdi class=\"tag\">", "</bdi>"];
                prop_assert!(ours.iter().any(|tag| html.get(at..).is_some_and(|rest| rest.starts_with(tag))), "{}", html);
            }
            prop_assert_eq!(html.matches('<').count(), html.matches('>').count());
            prop_assert!(!html.contains('\''), "{}", html);
        }

        #[test]
        fn text_without_marks_is_shown_whole(source in "[a-zA-Z0-9 ,.!?äöüß漢字]{1,80}") {
            prop_assume!(!source.trim().is_empty() && !source.contains("http"));
            prop_assert_eq!(plain(&only(&source)), source.trim_end());
        }

        #[test]
        fn links_lead_where_they_say(source in "(https?://[a-z.*()<>\"\\u{202e}]{0,20} ?){0,4}") {
            fn links(inlines: &[Inline], out: &mut Vec<String>) {
                for inline in inlines {
                    match inline {
                        Inline::Link(href) => out.push(href.clone()),
                        Inline::Emphasis(inner) | Inline::Strong(inner) => links(inner, out),
                        _ => {}
                    }
                }
            }
            let mut found = Vec::new();
            parse(&source).iter().for_each(|p| links(p, &mut found));
            for href in found {
                prop_assert!(href.starts_with("http://") || href.starts_with("https://"));
                let breaks_out = href.contains(['<', '>', '"', '\u{202e}', ' ']);
                prop_assert!(!breaks_out);
            }
        }
    }
}
