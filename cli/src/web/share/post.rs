//! A post on a share page: what it says, with all that belongs to it. Behind a content warning all of it is folded away.

use std::fmt::Write as _;

use kith_node::view::{AttachmentView, CardView, ListMember, PollView, PostPage, PostView, QuoteState, QuoteView};
use kith_ui::{absolute, iso, number, t, t_args, text_as_html, text_as_plain};

use super::{escape, media, name};

/// Where the page of a post is.
fn page_of(post: &PostView) -> String {
    format!("/p/{}?by={}", post.id, post.author)
}

/// That a post is one of a thread: how many there are, or the way to the first.
pub(super) fn of_thread(out: &mut String, page: &PostPage) {
    let posts = u64::try_from(page.more.len()).unwrap_or(u64::MAX).saturating_add(1);
    let first = page.post.series.as_ref().and_then(|series| series.first).filter(|first| *first != page.post.id);
    if let Some(first) = first {
        let (by, told) = (page.post.author, escape(&t("series-link-title")));
        let _infallible =
            write!(out, "<p class=\"when\"><a data-testid=\"shared-first\" href=\"/p/{first}?by={by}\">{told}</a></p>");
    } else if posts > 1 {
        let told = escape(&t_args("series-link", &[("count", posts.into())]));
        let _infallible = write!(out, "<p class=\"when\" data-testid=\"shared-count\">{told}</p>");
    }
}

/// A further post of a thread.
pub(super) fn part(out: &mut String, post: &PostView, place: u64) {
    let title = escape(&t_args("series-part", &[("place", number(place).into())]));
    let edited =
        if post.edited { format!("<p class=\"when\">{}</p>", escape(&t("post-edited"))) } else { String::new() };
    let at = page_of(post);
    let _infallible = write!(
        out,
        "<article data-testid=\"shared-part\"><h2 class=\"name\"><a href=\"{at}\">{title}</a></h2>{edited}"
    );
    body(out, post);
    out.push_str("</article>");
}

/// What it says, and the reactions to it.
pub(super) fn body(out: &mut String, post: &PostView) {
    let mut said = format!("<div class=\"text\">{}</div>", text_as_html(&post.text, &post.mentions));
    pictures(&mut said, post);
    if let Some(card) = &post.card {
        link(&mut said, post, card);
    }
    if let Some(poll) = &post.poll {
        asked(&mut said, poll);
    }
    if !post.people.is_empty() {
        listed(&mut said, &post.people);
    }
    if let Some(quote) = &post.quote {
        quoted(&mut said, quote);
    }
    warned(out, post.cw.as_deref(), &said);
    if !post.reactions.is_empty() {
        out.push_str("<p class=\"reactions\">");
        for (emoji, count) in &post.reactions {
            let _infallible = write!(out, "<span>{} {count}</span> ", escape(emoji));
        }
        out.push_str("</p>");
    }
}

/// Behind the warning, where there is one.
fn warned(out: &mut String, warning: Option<&str>, said: &str) {
    let _infallible = match warning {
        Some(warning) => {
            write!(out, "<details><summary dir=\"auto\">{}</summary>{said}</details>", escape(warning))
        }
        None => write!(out, "{said}"),
    };
}

fn address(post: &PostView, file: &AttachmentView) -> String {
    format!("/p/{}/media/{}", post.id, file.hash)
}

fn pictures(out: &mut String, post: &PostView) {
    for picture in &post.attachments {
        let at = address(post, picture);
        let alt = escape(picture.alt.as_deref().unwrap_or_default());
        let _infallible = if media::is_drawn(&picture.mime) {
            write!(
                out,
                "<figure><img src=\"{at}\" alt=\"{alt}\" width=\"{}\" height=\"{}\" loading=\"lazy\"></figure>",
                picture.width, picture.height
            )
        } else {
            write!(out, "<p><a href=\"{at}\" download>{}</a></p>", escape(&t("share-file")))
        };
    }
}

/// The card of a link, as its author made it: nothing of it is asked for elsewhere.
fn link(out: &mut String, post: &PostView, card: &CardView) {
    let _infallible = write!(
        out,
        "<a class=\"card\" data-testid=\"shared-card\" href=\"{}\" rel=\"noopener noreferrer nofollow ugc\">",
        escape(&card.url)
    );
    if let Some(picture) = card.picture.as_ref().filter(|picture| media::is_drawn(&picture.mime)) {
        let (at, width, height) = (address(post, picture), picture.width, picture.height);
        let _infallible =
            write!(out, "<img src=\"{at}\" alt=\"\" width=\"{width}\" height=\"{height}\" loading=\"lazy\">");
    }
    for (class, text) in [("name", &card.title), ("told", &card.description)] {
        if !text.is_empty() {
            let _infallible = write!(out, "<span class=\"{class}\" dir=\"auto\">{}</span>", escape(text));
        }
    }
    let _infallible = write!(out, "<bdi class=\"when\" dir=\"ltr\">{}</bdi></a>", escape(&card.host));
}

/// How a poll stands now. Whoever wants to vote does so in Kith.
fn asked(out: &mut String, poll: &PollView) {
    let _infallible = write!(
        out,
        "<section class=\"poll\" data-testid=\"shared-poll\" aria-label=\"{}\"><ul>",
        escape(&t("poll-legend"))
    );
    for (option, share) in poll.options.iter().zip(poll.per_cents()) {
        let count = t_args("poll-count", &[("count", option.votes.into()), ("percent", number(share).into())]);
        let (text, count) = (escape(&option.text), escape(&count));
        let _infallible = write!(
            out,
            "<li><p><bdi dir=\"auto\">{text}</bdi> <span class=\"when\">{count}</span></p>\
             <progress max=\"100\" value=\"{share}\" aria-label=\"{text}\"></progress></li>"
        );
    }
    let voters = escape(&t_args("poll-voters", &[("count", poll.voters.into())]));
    let until = if poll.ended {
        escape(&t("poll-ended"))
    } else {
        let until = t_args("share-poll-until", &[("time", absolute(poll.ends_ms).into())]);
        format!("{} {}", escape(&until), escape(&t("share-poll-vote")))
    };
    let _infallible = write!(out, "</ul><p class=\"when\">{voters} · {until}</p></section>");
}

fn listed(out: &mut String, people: &[ListMember]) {
    let count = u64::try_from(people.len()).unwrap_or(u64::MAX);
    let title = escape(&t_args("published-people", &[("count", count.into())]));
    let _infallible = write!(
        out,
        "<section class=\"people\" data-testid=\"shared-people\" aria-label=\"{title}\"><p>{title}</p><ul>"
    );
    for person in people {
        let _infallible = write!(out, "<li><bdi dir=\"auto\">{}</bdi></li>", escape(&name(&person.name)));
    }
    let _infallible = write!(out, "</ul><p class=\"when\">{}</p></section>", escape(&t("share-people")));
}

fn quoted(out: &mut String, quote: &QuoteView) {
    let author = quote.author.filter(|_| quote.state == QuoteState::Here);
    let Some(by) = author else {
        let why = if quote.state == QuoteState::Deleted { "quote-deleted" } else { "share-quote-gone" };
        let _infallible =
            write!(out, "<p class=\"card when\" data-testid=\"shared-quote-gone\">{}</p>", escape(&t(why)));
        return;
    };
    let who = name(&quote.author_name);
    let label = escape(&t_args("quote-by", &[("name", who.as_str().into())]));
    let (id, time, who) = (quote.id, quote.created_ms, escape(&who));
    let _infallible = write!(
        out,
        "<blockquote class=\"card\" data-testid=\"shared-quote\" aria-label=\"{label}\"><p class=\"when\">\
         <a href=\"/p/{id}?by={by}\"><bdi dir=\"auto\">{who}</bdi></a> · <time datetime=\"{}\">{}</time></p>",
        iso(time),
        absolute(time)
    );
    let mut said = String::new();
    let text = text_as_plain(&quote.text, &[]);
    if !text.is_empty() {
        let _infallible = write!(said, "<p class=\"told\" dir=\"auto\">{}</p>", escape(&text));
    }
    if quote.attachments > 0 {
        let files = t_args("quote-files", &[("count", quote.attachments.into())]);
        let _infallible = write!(said, "<p class=\"when\">{}</p>", escape(&files));
    }
    warned(out, quote.cw.as_deref(), &said);
    out.push_str("</blockquote>");
}
