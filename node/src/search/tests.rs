//! What is found, and what no longer is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::host::MemoryKeystore;
use crate::id::PersonaId;
use crate::lock::Holder;
use crate::node::{Config, NetworkMode, PostDraft, ProfileEdit};
use crate::view::Role;

fn opened(profile: &Path) -> Node {
    let config = Config {
        profile: profile.to_owned(),
        create: true,
        holder: Holder::Command,
        role: Role::Desktop,
        listen: None,
        network: NetworkMode::Offline,
        lock_wait_ms: 0,
    };
    Node::open(config, Arc::new(MemoryKeystore::default())).unwrap()
}

async fn post(node: &Node, persona: PersonaId, text: &str) -> EntryId {
    node.post(PostDraft { persona: Some(persona), text: text.into(), ..PostDraft::default() }).await.unwrap()
}

async fn found(node: &Node, text: &str) -> Vec<EntryId> {
    let query = SearchQuery { text: text.into(), limit: 50, ..SearchQuery::default() };
    node.search_posts(query).await.unwrap().into_iter().map(|post| post.id).collect()
}

async fn typed(node: &Node, text: &str) -> usize {
    let query = SearchQuery { text: text.into(), limit: 50, typing: true, ..SearchQuery::default() };
    node.search_posts(query).await.unwrap().len()
}

/// Terms that the index still knows.
async fn terms(node: &Node) -> Vec<String> {
    node.inner()
        .store
        .write(Durability::Normal, |tx| {
            tx.execute_batch("CREATE VIRTUAL TABLE temp.words USING fts5vocab ('main', 'search_text', 'row')")?;
            let mut statement = tx.prepare("SELECT term FROM temp.words")?;
            let terms = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            drop(statement);
            tx.execute_batch("DROP TABLE temp.words")?;
            Ok(terms)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn words_phrases_tags_and_authors_find_their_posts() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path());
    let alice = node.create_persona("Alice Example").await.unwrap();
    let bob = node.create_persona("Bob").await.unwrap();
    let fog = post(&node, alice, "Fog over the *harbour*. #Weather #größe").await;
    let sun = post(&node, bob, "The harbour over the hill, in the sun #weather").await;
    let cjk = post(&node, bob, "今日は漢字の日").await;

    assert_eq!(found(&node, "fog").await, [fog]);
    assert_eq!(found(&node, "FOG harbour").await, [fog]);
    assert_eq!(found(&node, "harbour").await.len(), 2);
    assert_eq!(found(&node, "\"over the harbour\"").await, [fog]);
    assert_eq!(found(&node, "harbour fog sun").await, []);
    assert_eq!(found(&node, "harb").await, [], "a word is whole");
    assert_eq!(typed(&node, "harb").await, 2, "but while it is typed");
    assert_eq!(found(&node, "漢字").await, [cjk]);
    assert_eq!(found(&node, "字漢").await, []);

    assert_eq!(found(&node, "#weather").await, [sun, fog]);
    assert_eq!(found(&node, "#WEATHER #Größe").await, [fog]);
    assert_eq!(found(&node, "#grosse").await, [], "a tag has its accents");
    assert_eq!(found(&node, "harbour #größe").await, [fog]);
    assert_eq!(found(&node, "from:alice").await, [fog]);
    assert_eq!(found(&node, "from:\"alice example\" harbour").await, [fog]);
    assert_eq!(found(&node, "from:bob #weather").await, [sun]);
    assert_eq!(found(&node, &format!("from:{} harbour", bob.to_string().get(..12).unwrap())).await, [sun]);
    assert_eq!(found(&node, "from:carol harbour").await, []);
    assert_eq!(found(&node, " ").await, []);
    assert!(matches!(node.search_posts(SearchQuery::default()).await, Err(Error::BadInput(_))), "no limit");

    let tags = node.search_tags("#we").await.unwrap();
    assert_eq!(tags, [TagFound { tag: "weather".into(), posts: 2 }]);
    assert_eq!(node.search_tags("nothing").await.unwrap(), []);
    assert_eq!(node.find("harbour", 10).await.unwrap().len(), 0, "what may not leave yet is told to nobody");
    node.gate().unwrap().release().await.unwrap();
    assert_eq!(node.find("harbour", 10).await.unwrap(), [], "nor what people here write and follow");
    // As if both were carried for others too.
    let store = &node.inner().store;
    store
        .write(Durability::Normal, move |tx| crate::sync::lease(tx, &vec![(alice, 1), (bob, 1)].into(), u64::MAX / 4))
        .await
        .unwrap();
    assert_eq!(node.find("harbour", 1).await.unwrap().len(), 1);
    for n in 0..5 {
        post(&node, alice, &format!("harbour {n}")).await;
    }
    node.gate().unwrap().release().await.unwrap();
    assert_eq!(found(&node, "harbour").await.len(), 7);
    assert_eq!(node.find("harbour", 100).await.unwrap().len(), limits::SEARCH_PER_AUTHOR + 1);
    node.deny(&alice.to_string()).await.unwrap();
    assert_eq!(node.find("harbour", 100).await.unwrap(), [sun]);
    node.shutdown().await;
}

#[tokio::test]
async fn comments_lead_to_their_post() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path());
    let alice = node.create_persona("Alice").await.unwrap();
    let root = post(&node, alice, "a question").await;
    let comment = node.comment(None, root, "an unusual answer").await.unwrap();
    assert_eq!(found(&node, "unusual").await, [root]);
    assert_eq!(found(&node, "a").await, [root], "once, whatever matches below");
    node.edit(None, comment, "something else").await.unwrap();
    assert_eq!(found(&node, "unusual").await, []);
    assert_eq!(found(&node, "else").await, [root]);
    node.delete(None, comment).await.unwrap();
    assert_eq!(found(&node, "else").await, []);
    node.shutdown().await;
}

#[tokio::test]
async fn the_newest_edit_counts_and_what_is_deleted_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path());
    let alice = node.create_persona("Alice").await.unwrap();
    let first = post(&node, alice, "zanzibar #before").await;
    assert_eq!(found(&node, "zanzibar").await, [first]);
    node.edit(None, first, "quixotic #after").await.unwrap();
    assert_eq!(found(&node, "#before").await, [], "at once: feeds read hashtags");
    assert_eq!(found(&node, "zanzibar").await, []);
    assert_eq!(found(&node, "quixotic").await, [first]);
    assert_eq!(found(&node, "#after").await, [first]);
    assert!(!terms(&node).await.contains(&"zanzibar".to_owned()));

    node.delete(None, first).await.unwrap();
    // Nothing waits for the indexer here.
    assert!(terms(&node).await.is_empty(), "{:?}", terms(&node).await);
    assert_eq!(found(&node, "quixotic").await, []);
    assert_eq!(found(&node, "#after").await, []);
    assert_eq!(node.search_tags("after").await.unwrap(), []);
    node.shutdown().await;
}

#[tokio::test]
async fn a_body_that_goes_takes_its_words_along_whoever_takes_it() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path());
    let alice = node.create_persona("Alice").await.unwrap();
    let evicted = post(&node, alice, "ephemeral #gone").await;
    let edited = post(&node, alice, "original #one").await;
    let edit = node.edit(None, edited, "changed #two").await.unwrap();
    assert_eq!(found(&node, "ephemeral").await, [evicted]);
    assert_eq!(found(&node, "changed").await, [edited]);
    let evict = |id: EntryId| {
        node.inner().store.write(Durability::Normal, move |tx| {
            tx.execute(
                "UPDATE entry SET body = NULL, body_len = 0, body_hash = x''
                        WHERE prefix = substr(?1, 1, 8) AND id = ?1",
                [id],
            )?;
            Ok(())
        })
    };
    evict(evicted).await.unwrap();
    evict(edit).await.unwrap();
    assert_eq!(terms(&node).await.len(), 0, "the edit's words went, the original's come with the next look");
    assert_eq!(found(&node, "ephemeral").await, []);
    assert_eq!(found(&node, "#gone").await, []);
    assert_eq!(found(&node, "changed").await, []);
    assert_eq!(found(&node, "original").await, [edited], "as it is shown again");
    assert_eq!(found(&node, "#two").await, []);
    assert_eq!(found(&node, "#one").await, [edited]);
    node.shutdown().await;
}

#[tokio::test]
async fn people_are_found_by_name_and_bio_as_they_are_now() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path());
    let alice = node.create_persona("Alice Example").await.unwrap();
    node.create_persona("Bob").await.unwrap();
    let edit = ProfileEdit { bio: Some("Beekeeper in 東京".into()), ..ProfileEdit::default() };
    node.edit_profile(Some(alice), edit).await.unwrap();
    for text in ["ali", "exam", "beekeeper", "京", "Alice bee"] {
        let people = node.search_people(text).await.unwrap();
        assert_eq!(people.iter().map(|person| person.persona).collect::<Vec<_>>(), [alice], "{text}");
        assert!(people[0].own);
    }
    let renamed = ProfileEdit { name: Some("Carol".into()), ..ProfileEdit::default() };
    node.edit_profile(Some(alice), renamed).await.unwrap();
    assert_eq!(node.search_people("alice").await.unwrap(), []);
    assert_eq!(node.search_people("carol").await.unwrap()[0].persona, alice);
    assert_eq!(node.search_people("").await.unwrap(), []);
    node.shutdown().await;
}

#[tokio::test]
async fn an_empty_index_is_filled_and_a_damaged_one_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let node = opened(dir.path());
    let alice = node.create_persona("Alice").await.unwrap();
    let first = post(&node, alice, "one harbour").await;
    assert_eq!(found(&node, "harbour").await, [first]);
    assert!(!node.mend_search().await.unwrap());
    // A row of the index that no longer fits what it indexes.
    node.inner()
        .store
        .write(Durability::Normal, |tx| {
            tx.execute("UPDATE search_text_content SET c0 = 'something else'", [])?;
            Ok(())
        })
        .await
        .unwrap();
    assert!(node.mend_search().await.unwrap());
    assert_eq!(found(&node, "harbour").await, [first]);
    assert_eq!(node.search_people("alice").await.unwrap().len(), 1);
    let verdicts = node.inner().store.read(|db| {
        refresh(db)?;
        let check = |table: &str| db.query_row(&format!("PRAGMA integrity_check ({table})"), [], |row| row.get(0));
        Ok::<[String; 2], Error>([check("search_text")?, check("search_person")?])
    });
    assert_eq!(verdicts.await.unwrap(), ["ok", "ok"]);
    assert!(!node.mend_search().await.unwrap());
    node.inner().store.write(Durability::Normal, index::restart).await.unwrap();
    assert_eq!(found(&node, "harbour").await, [first]);
    node.shutdown().await;
}

#[test]
fn half_the_place_is_the_match_and_half_the_age() {
    let day = 86_400;
    let matched = |post, fit, days: i64| Match { post, fit, rank: 1_000 * day - days * day };
    let now = 1_000 * day;
    assert_eq!(ranked(vec![matched(1, 1.0, 0), matched(2, 1.0, 10), matched(3, 5.0, 0)], now), [3, 1, 2]);
    assert_eq!(ranked(vec![matched(1, 0.9, 0), matched(2, 1.0, 700)], now), [1, 2], "nearly as good, and new");
    assert_eq!(ranked(vec![matched(1, 0.01, 0), matched(2, 1.0, 20)], now), [2, 1], "much better, and not old");
    assert_eq!(ranked(vec![matched(1, 0.0, 5), matched(2, 0.0, 4), matched(1, 0.0, 3)], now), [1, 2], "its newest");
}
