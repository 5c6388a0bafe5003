//! Share pages: what an anchor shows of a public post to anybody who has its link, and the list of what its owner keeps
//! off them. Here stands what may be shown; how is the web page's matter.

use rusqlite::{Connection, OptionalExtension, params};

use crate::anchor;
use crate::error::{Error, Result};
use crate::feed;
use crate::id::{BlobHash, EntryId, PersonaId};
use crate::limits;
use crate::mention::with_names;
use crate::node::{Blob, Node};
use crate::opened;
use crate::post::{self, written_by};
use crate::published;
use crate::quote;
use crate::resolve::known;
use crate::store::Durability;
use crate::view::{MentionView, PostPage, PostView, QuoteState, QuoteView};

/// What there is to show under a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// With at most [`limits::SHARED_COMMENTS`] comments, and the posts of its thread where it is the first: none deleted or
    /// denied.
    Page(Box<PostPage>),
    /// Its author deleted it.
    Deleted,
    /// The owner of this node shows it to nobody.
    Denied,
    /// It is not here, is by somebody else than the link says, or is not public.
    Absent,
}

impl Node {
    /// A link that shows a public post to anybody with a browser, on the web page of an anchor. Whether the anchor holds
    /// the post already is not asked: it shows it once it came.
    ///
    /// # Errors
    /// `NotFound` when the post is not here or deleted, `BadInput` when it is none, or where no anchor with a web page is
    /// known.
    pub async fn share_link(&self, post: EntryId) -> Result<String> {
        let read = self.inner().store.read(move |db| {
            let post = known(db, post)?;
            if opened::is_sealed(db, post)? {
                return Err(Error::BadInput("a post to a circle stays in it".to_owned()));
            }
            let by = match written_by(db, post)? {
                Some((_, by, false)) => by,
                Some((_, _, true)) => return Err(Error::NotFound { what: "the post" }),
                None => return Err(Error::BadInput("only posts can be shared".to_owned())),
            };
            let (_, web) = anchor::webs(db)?.into_iter().next().ok_or_else(|| {
                let told = "no web page shows it: tell where the page of an anchor is, in the settings or with \
                            `kith anchors add TICKET --web https://HOST`";
                Error::BadInput(told.to_owned())
            })?;
            Ok(format!("{web}/p/{post}?by={by}"))
        });
        read.await
    }

    /// A public post for everybody. `by`: who the link says wrote it.
    pub async fn shared(&self, post: EntryId, by: Option<PersonaId>) -> Result<Shared> {
        let blobs = self.inner().blobs().ok();
        let now_ms = self.inner().clock.unix_ms();
        self.inner()
            .store
            .read(move |db| {
                // Denied before it is looked for: what was denied may have gone meanwhile.
                if is_denied(db, post.as_bytes())? || by.is_some_and(|by| is_denied(db, by.as_bytes()).unwrap_or(true))
                {
                    return Ok(Shared::Denied);
                }
                let mut page = match feed::page(db, blobs.as_ref(), post, limits::SHARED_COMMENTS, None) {
                    Ok(page) => page,
                    Err(Error::NotFound { .. }) => return Ok(Shared::Absent),
                    Err(error) => return Err(error),
                };
                if let Some(why) = kept_back(db, &page.post)? {
                    return Ok(why);
                }
                if by.is_some_and(|by| by != page.post.author) {
                    return Ok(Shared::Absent);
                }
                let mut thread = Vec::new();
                for mut comment in page.thread {
                    let denied = is_denied(db, comment.id.as_bytes())? || is_denied(db, comment.author.as_bytes())?;
                    if !denied && !comment.deleted && !comment.text.is_empty() {
                        told(db, comment.author, &mut comment.author_name, &mut comment.author_picture)?;
                        known_to_all(db, &mut comment.mentions)?;
                        thread.push(comment);
                    }
                }
                page.thread = thread;
                dress(db, &mut page.post, now_ms)?;
                let mut more = Vec::new();
                for mut post in page.more {
                    if kept_back(db, &post)?.is_none() {
                        dress(db, &mut post, now_ms)?;
                        more.push(post);
                    }
                }
                page.more = more;
                Ok(Shared::Page(Box::new(page)))
            })
            .await
    }

    /// A file that a shared post names.
    ///
    /// # Errors
    /// `NotFound` where the post is not shown, does not name it, or it has not come yet.
    pub async fn shared_blob(&self, post: EntryId, hash: BlobHash) -> Result<Blob> {
        let named = match self.shared(post, None).await? {
            Shared::Page(page) => {
                let of_card = page.post.card.iter().filter_map(|card| card.picture.as_ref());
                let mut all = page.post.attachments.iter().chain(of_card);
                all.any(|picture| picture.hash == hash || picture.thumb == Some(hash))
            }
            _ => false,
        };
        let denied = self.inner().store.read(move |db| is_denied(db, hash.as_bytes())).await?;
        if named && !denied { self.blob(hash).await } else { Err(Error::NotFound { what: "the picture" }) }
    }

    /// Keeps a post, comment, author or file off this node's share pages: by id, or the beginning of one. What is not
    /// here yet is named by its whole id. Answers the id.
    ///
    /// # Errors
    /// `BadInput` for what is no id or when the list is full, `NotFound`, `Ambiguous`.
    pub async fn deny(&self, id: &str) -> Result<EntryId> {
        let id = self.resolve_any(id).await?;
        self.inner()
            .store
            .write(Durability::Full, move |tx| {
                let count: usize = tx.query_row("SELECT count(*) FROM deny", [], |row| row.get(0))?;
                if count >= limits::DENIED {
                    return Err(Error::BadInput(format!("the deny list holds at most {} ids", limits::DENIED)));
                }
                tx.execute("INSERT OR IGNORE INTO deny (id) VALUES (?1)", [id])?;
                Ok(id)
            })
            .await
    }

    /// Takes an id off the deny list again.
    ///
    /// # Errors
    /// `NotFound` when it is not on it.
    pub async fn undeny(&self, id: &str) -> Result<EntryId> {
        let id = self.resolve_any(id).await?;
        self.inner()
            .store
            .write(Durability::Full, move |tx| match tx.execute("DELETE FROM deny WHERE id = ?1", [id])? {
                0 => Err(Error::NotFound { what: "the id on the deny list" }),
                _ => Ok(id),
            })
            .await
    }

    /// The deny list, in no order that means something.
    pub async fn denied(&self) -> Result<Vec<EntryId>> {
        self.inner()
            .store
            .read(|db| {
                let mut statement = db.prepare_cached("SELECT id FROM deny ORDER BY id LIMIT ?1")?;
                let ids = statement.query_map([limits::DENIED], |row| row.get(0))?.collect::<Result<_, _>>()?;
                Ok(ids)
            })
            .await
    }

    /// The id of whatever it is: a post or comment, a persona, a file. The bytes tell no difference.
    pub(crate) async fn resolve_any(&self, id: &str) -> Result<EntryId> {
        let whole = id.trim().to_lowercase();
        if let Ok(id) = whole.parse() {
            return Ok(id);
        }
        let mut found = Vec::new();
        let entry = self.resolve_entry(&whole).await;
        let persona = self.resolve_persona(&whole).await.map(|id| EntryId::from_bytes(id.to_bytes()));
        let blob = self.resolve_blob(&whole).await.map(|id| EntryId::from_bytes(id.to_bytes()));
        for answer in [entry, persona, blob] {
            match answer {
                Ok(id) => found.push(id),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        match found.as_slice() {
            [id] => Ok(*id),
            [] => Err(Error::NotFound { what: "a post, person or file with this id" }),
            _ => Err(Error::Ambiguous { given: whole, what: "post, person or file" }),
        }
    }
}

/// Why a post is shown to nobody; `None`: it is to everybody.
fn kept_back(db: &Connection, post: &PostView) -> Result<Option<Shared>> {
    Ok(if is_denied(db, post.author.as_bytes())? || is_denied(db, post.id.as_bytes())? {
        Some(Shared::Denied)
    } else if post.sealed || post.circle.is_some() {
        Some(Shared::Absent)
    } else if post.deleted {
        Some(Shared::Deleted)
    } else if post.text.is_empty() && post.attachments.is_empty() {
        Some(Shared::Absent) // its header is here, its body is not
    } else {
        None
    })
}

/// Leaves of a post what is for everybody: nothing that the owner of this node alone knows, chose or denied.
fn dress(db: &Connection, post: &mut PostView, now_ms: u64) -> Result<()> {
    told(db, post.author, &mut post.author_name, &mut post.author_picture)?;
    known_to_all(db, &mut post.mentions)?;
    let mut attachments = Vec::new();
    for picture in post.attachments.drain(..) {
        if !is_denied(db, picture.hash.as_bytes())? {
            attachments.push(picture);
        }
    }
    post.attachments = attachments;
    if let Some(card) = &mut post.card
        && let Some(picture) = &card.picture
        && is_denied(db, picture.hash.as_bytes())?
    {
        card.picture = None;
    }
    if let Some(poll) = &mut post.poll {
        poll.ended = now_ms > poll.ends_ms;
        poll.options.iter_mut().for_each(|option| option.mine = false);
    }
    post.mine.clear();
    let as_listed = published::names(db, post.id)?;
    let mut people = Vec::new();
    for mut person in post.people.drain(..) {
        if is_denied(db, person.persona.as_bytes())? {
            continue;
        }
        told(db, person.persona, &mut person.name, &mut person.picture)?;
        if person.name.is_empty() {
            person.name = as_listed.get(&person.persona).cloned().unwrap_or_default();
        }
        person.followed = false;
        people.push(person);
    }
    (post.people_count, post.people) = (u64::try_from(people.len()).unwrap_or(u64::MAX), people);
    post.quote = post.quote.take().map(|quote| quoted(db, quote.id)).transpose()?;
    // Where the rest of it is read; on the first one's page it stands.
    if let Some(series) = &mut post.series
        && let Some(first) = series.first
        && is_denied(db, first.as_bytes())?
    {
        series.first = None;
    }
    Ok(())
}

/// A quoted post as far as it has a page of its own here. Whom the owner of this node blocked or muted is not told by it.
fn quoted(db: &Connection, id: EntryId) -> Result<QuoteView> {
    let mut view = QuoteView::empty(id);
    if is_denied(db, id.as_bytes())? {
        return Ok(view);
    }
    // The post alone: its versions and its thread are not shown, and may be long.
    let row = match known(db, id) {
        Ok(id) => post::row_of(db, id)?,
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let found = row.map(|row| feed::by_rows(db, None, &[row], None)).transpose()?.and_then(|mut found| found.pop());
    let Some(mut post) = found else { return Ok(view) };
    match kept_back(db, &post)? {
        Some(Shared::Deleted) => view.state = QuoteState::Deleted,
        Some(_) => {}
        None => {
            told(db, post.author, &mut post.author_name, &mut post.author_picture)?;
            known_to_all(db, &mut post.mentions)?;
            view = QuoteView {
                state: QuoteState::Here,
                author: Some(post.author),
                author_name: post.author_name,
                created_ms: post.created_ms,
                text: quote::beginning(&with_names(&post.text, &post.mentions)),
                cw: post.cw,
                attachments: u64::try_from(post.attachments.len()).unwrap_or(u64::MAX),
                ..view
            };
        }
    }
    Ok(view)
}

/// What only an invite or a message said of somebody is for who reads here.
fn told(db: &Connection, who: PersonaId, name: &mut String, picture: &mut Option<BlobHash>) -> Result<()> {
    let public: bool = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM author WHERE id = ?1 AND profile_row > 0)")?
        .query_row([who], |row| row.get(0))?;
    if !public {
        name.clear();
        *picture = None;
    }
    Ok(())
}

fn known_to_all(db: &Connection, mentions: &mut [MentionView]) -> Result<()> {
    mentions.iter_mut().try_for_each(|mention| told(db, mention.persona, &mut mention.name, &mut None))
}

fn is_denied(db: &Connection, id: &[u8; 32]) -> Result<bool> {
    let found: Option<i64> =
        db.prepare_cached("SELECT 1 FROM deny WHERE id = ?1")?.query_row(params![id], |row| row.get(0)).optional()?;
    Ok(found.is_some())
}
