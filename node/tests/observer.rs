//! Somebody watches, and asks of two people: do they talk? (DESIGN §5.3.) Three observers, each given more than a real one
//! has, as they can tell pieces of mail apart and from all else:
//!
//! - *on the way*: one node that is a peer of everybody (a carrier, an anchor, or everybody's mailbox). Of its own links
//!   alone: for each piece, who gave it first, who else gave it, when, and its size.
//! - *of every link*: for each piece, which node gave it away first, when, and its size; where people hide when they
//!   answer, and where they do not.
//! - *of every link, without padding and delays*: the same with answers at once and sizes as written. It shows that the
//!   test can fail.
//!
//! 20 pairs of 40 people write letters at times of their own, among two more, for 90 minutes; who is linked with whom has
//! nothing to do with who writes to whom. A classifier (logistic regression) is trained on people of whom it is known,
//! and judged on others. Its features of a pair, of what each gave first, and for the observer on the way of all that
//! each gave once more: how often one gives something within 1 s, 1-3 s, 3-12 s, 12-60 s, 1-5 min and 5-30 min of the
//! other, each against what chance would give (6); how often it is the very next to give something after the other (1);
//! how alike their volumes are, in all and by ten minutes (2), and how alike their sizes (1).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_range_loop,
    clippy::print_stdout
)]

#[path = "support/talk.rs"]
mod talk;

use kith_node::HIDE_ANSWERS;
use kith_node::id::EntryId;
use kith_node::sim::{Dice, Given, NodeIndex, Tapped, World, given};
use kith_node::view::Role;
use talk::{HOUR, MINUTE, Person, dm};

const PAIRS: usize = 20;
const TALKERS: usize = 2 * PAIRS;
/// People who only post, comment, and write among themselves.
const OTHERS: usize = 2;
/// How long is watched.
const WATCHED: u64 = 90 * MINUTE;

/// How people write.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Habit {
    /// When they like, two to six times an hour.
    Letters,
    /// In sittings of some minutes, where one answers the other within 5 to 40 s.
    Chat,
}

/// How nodes answer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Answers {
    /// As nobody chose otherwise: after 2 to 10 s.
    Default,
    /// In the place of cover.
    Hidden,
    /// At once, and without padding.
    Bare,
}

/// What the node is that is a peer of everybody.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Hub {
    Carrier,
    /// An anchor, which everybody chose as their mailbox.
    Mailbox,
}

/// What passed between people, who are nodes `0..TALKERS + OTHERS`, and the node that is everybody's peer.
struct Watched {
    frames: Vec<Tapped>,
    hub: NodeIndex,
    begin_ms: u64,
    /// When who wrote how many bytes.
    written: Vec<(u64, usize, usize)>,
}

enum Act {
    Write(usize, usize, usize),
    Post(usize),
    Comment(usize),
}

/// A wait without memory, ms.
fn wait(dice: &mut Dice, mean_ms: u64) -> u64 {
    let uniform = ((dice.roll() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
    (-uniform.ln() * mean_ms as f64) as u64
}

fn length(dice: &mut Dice) -> usize {
    if dice.below(8) == 0 { 1_500 } else { 20 + dice.below(200) as usize }
}

/// What people do while they are watched, in order.
fn acts(dice: &mut Dice, habit: Habit) -> Vec<(u64, Act)> {
    let mut acts = Vec::new();
    for pair in 0..PAIRS {
        let (a, b) = (2 * pair, 2 * pair + 1);
        match habit {
            Habit::Letters => {
                for (from, to) in [(a, b), (b, a)] {
                    let mean_ms = 10 * MINUTE + dice.below(20 * MINUTE);
                    let mut at_ms = wait(dice, mean_ms);
                    while at_ms < WATCHED {
                        acts.push((at_ms, Act::Write(from, to, length(dice))));
                        at_ms += wait(dice, mean_ms);
                    }
                }
            }
            Habit::Chat => {
                let mut at_ms = wait(dice, HOUR / 2);
                while at_ms < WATCHED {
                    for turn in 0..4 + dice.below(6) {
                        let (from, to) = if turn % 2 == 0 { (a, b) } else { (b, a) };
                        acts.push((at_ms, Act::Write(from, to, length(dice))));
                        at_ms += 5_000 + dice.below(35_000);
                    }
                    at_ms += wait(dice, HOUR / 2);
                }
            }
        }
    }
    for _ in 0..WATCHED / (5 * MINUTE) {
        acts.push((dice.below(WATCHED), Act::Post(dice.below((TALKERS + OTHERS) as u64) as usize)));
        acts.push((dice.below(WATCHED), Act::Comment(dice.below((TALKERS + OTHERS) as u64) as usize)));
        let from = TALKERS + dice.below(OTHERS as u64) as usize;
        acts.push((dice.below(WATCHED), Act::Write(from, writes_to(from), length(dice))));
    }
    acts.retain(|(at_ms, _)| *at_ms < WATCHED);
    acts.sort_by_key(|(at_ms, _)| *at_ms);
    acts
}

fn writes_to(at: usize) -> usize {
    if at < TALKERS { at ^ 1 } else { TALKERS + (at - TALKERS + 1) % OTHERS }
}

fn watch(seed: u64, habit: Habit, answers: Answers, hub: Hub) -> Watched {
    let mut dice = Dice(seed);
    let mut world = World::new(seed);
    (world.messages, world.at_once) = (true, answers == Answers::Bare);
    world.shape.latency_ms = 40;
    let count = TALKERS + OTHERS;
    let people: Vec<Person> = (0..count)
        .map(|number| {
            let node = world.node().unwrap();
            (node, world.persona(node, &format!("persona {number}")).unwrap())
        })
        .collect();
    assert!(people.iter().enumerate().all(|(at, (node, _))| at == *node));
    let role = if hub == Hub::Carrier { Role::Desktop } else { Role::Anchor };
    let middle = world.node_as(role).unwrap();
    let own = world.persona(middle, "on the way").unwrap();
    // Who is linked with whom has nothing to do with who writes to whom.
    let mut ring: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        ring.swap(at, dice.below(at as u64 + 1) as usize);
    }
    for at in 0..count {
        for step in [1, 7] {
            world.connect(people[ring[at]].0, people[ring[(at + step) % count]].0);
        }
        world.connect(people[at].0, middle);
        world.follow(middle, own, people[at].1).unwrap();
    }
    for (at, (node, by)) in people.iter().enumerate() {
        world.follow(*node, *by, people[writes_to(at)].1).unwrap();
        for _ in 0..2 {
            let other = dice.below(count as u64) as usize;
            if other != at {
                world.follow(*node, *by, people[other].1).unwrap();
            }
        }
        if answers == Answers::Hidden {
            world.verb(*node, |handle| async move { handle.set_setting(HIDE_ANSWERS, "on").await }).unwrap();
        }
        if hub == Hub::Mailbox {
            world.set_mailboxes(*node, &[middle]).unwrap();
        }
    }
    let post: EntryId = world.post(people[0].0, people[0].1, "good morning").unwrap();
    world.run_for(MINUTE).unwrap();
    // Who is watched has written before, each to the other.
    for at in 0..count {
        dm(&mut world, people[at], people[writes_to(at)].1, "hello");
        world.run_for(1_000).unwrap();
    }
    world.run_for(5 * MINUTE).unwrap();
    world.open_tap();
    let (begin_ms, mut written) = (world.now_ms(), Vec::new());
    for (at_ms, act) in acts(&mut dice, habit) {
        world.run_for((begin_ms + at_ms).saturating_sub(world.now_ms())).unwrap();
        match act {
            Act::Write(from, to, length) => {
                written.push((world.now_ms(), from, length));
                dm(&mut world, people[from], people[to].1, &"w".repeat(length));
            }
            Act::Post(at) => drop(world.post(people[at].0, people[at].1, "news").unwrap()),
            Act::Comment(at) => drop(world.comment(people[at].0, people[at].1, post, "well").ok()),
        }
    }
    world.run_for((begin_ms + WATCHED).saturating_sub(world.now_ms())).unwrap();
    Watched { frames: world.close_tap(), hub: middle, begin_ms, written }
}

impl Watched {
    /// What who sees every link is given.
    fn of_every_link(&self) -> Sight {
        let first = given(&self.frames).into_iter().filter(|given| given.first && given.by != self.hub).collect();
        Sight { first, every: Vec::new(), begin_ms: self.begin_ms }
    }

    /// The same, with sizes as they were written: what is no letter has nothing inside.
    fn unpadded(&self) -> Sight {
        let mut sight = self.of_every_link();
        for given in &mut sight.first {
            let near = |at_ms: u64| given.at_ms.saturating_sub(at_ms) < 50 && at_ms <= given.at_ms;
            let written = self.written.iter().find(|(at_ms, by, _)| *by == given.by && near(*at_ms));
            given.bytes = written.map_or(0, |(_, _, bytes)| *bytes);
        }
        sight
    }

    /// What the node on the way is given.
    fn on_the_way(&self) -> Sight {
        let every = given(self.frames.iter().filter(|frame| frame.to == self.hub || frame.from == self.hub));
        let every: Vec<Given> = every.into_iter().filter(|given| given.by != self.hub).collect();
        let first = every.iter().filter(|given| given.first).copied().collect();
        Sight { first, every, begin_ms: self.begin_ms }
    }
}

// --- the classifier ---

/// What an observer is given.
struct Sight {
    /// Who gave a piece first.
    first: Vec<Given>,
    /// Who gave it at all, where that is seen.
    every: Vec<Given>,
    begin_ms: u64,
}

const LAGS_MS: [(u64, u64); 6] =
    [(0, 1_000), (1_000, 3_000), (3_000, 12_000), (12_000, MINUTE), (MINUTE, 5 * MINUTE), (5 * MINUTE, 30 * MINUTE)];
const FEATURES: usize = LAGS_MS.len() + 4;

#[derive(Clone)]
struct Pair {
    x: [f64; 2 * FEATURES],
    talk: bool,
}

/// Pairs of the one half of the talkers, and of the other: what is learnt of one pair is used for others only.
fn samples(sight: &Sight) -> [Vec<Pair>; 2] {
    let by = |given: &[Given]| -> Vec<Vec<Given>> {
        (0..TALKERS).map(|at| given.iter().filter(|given| given.by == at).copied().collect()).collect()
    };
    let (first, every) = (by(&sight.first), by(&sight.every));
    let mut samples = [Vec::new(), Vec::new()];
    for a in 0..TALKERS {
        for b in a + 1..TALKERS {
            let mut x = [0.0; 2 * FEATURES];
            x[..FEATURES].copy_from_slice(&features(&sight.first, &first[a], &first[b], sight.begin_ms));
            if !sight.every.is_empty() {
                x[FEATURES..].copy_from_slice(&features(&sight.every, &every[a], &every[b], sight.begin_ms));
            }
            let half = |at: usize| at / (TALKERS / 2);
            samples[half(a)].extend((half(a) == half(b)).then_some(Pair { x, talk: a ^ 1 == b }));
        }
    }
    samples
}

fn features(all: &[Given], a: &[Given], b: &[Given], begin_ms: u64) -> [f64; FEATURES] {
    let mut features = [0.0; FEATURES];
    let (many_a, many_b) = (a.len() as f64, b.len() as f64);
    for (feature, (from_ms, to_ms)) in features.iter_mut().zip(LAGS_MS) {
        let near = |x: &Given, y: &Given| (from_ms..to_ms).contains(&x.at_ms.abs_diff(y.at_ms));
        let count = a.iter().flat_map(|x| b.iter().filter(move |y| near(x, y))).count() as f64;
        let by_chance = many_a * many_b * 2.0 * (to_ms - from_ms) as f64 / WATCHED as f64;
        *feature = (count - by_chance) / (by_chance + 0.5).sqrt();
    }
    let follows = |first: &[Given], second: &[Given]| {
        let next = |x: &&Given| {
            let after = all.partition_point(|y| y.at_ms <= x.at_ms);
            let next = all[after..].iter().find(|y| y.by != x.by);
            next.is_some_and(|next| second.contains(next))
        };
        first.iter().filter(next).count() as f64
    };
    features[6] = (follows(a, b) + follows(b, a)) / (many_a + many_b).max(1.0);
    features[7] = ((many_a + 1.0) / (many_b + 1.0)).ln().abs();
    let bins = |of: &[Given]| {
        let mut bins = vec![0.0; (WATCHED / (10 * MINUTE) + 1) as usize];
        for x in of {
            bins[((x.at_ms - begin_ms) / (10 * MINUTE)) as usize] += 1.0;
        }
        bins
    };
    features[8] = correlation(&bins(a), &bins(b));
    let mean = |of: &[Given]| of.iter().map(|x| x.bytes as f64).sum::<f64>() / (of.len() as f64).max(1.0);
    features[9] = (mean(a) - mean(b)).abs();
    features
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - mean_a, y - mean_b)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt().max(1e-9)
}

/// Logistic regression by gradient descent, both classes of equal weight.
struct Classifier {
    mean: [f64; 2 * FEATURES],
    scale: [f64; 2 * FEATURES],
    weight: [f64; 2 * FEATURES],
}

impl Classifier {
    fn train(samples: &[Pair]) -> Self {
        let many = samples.len() as f64;
        let (mut mean, mut scale, mut weight) = ([0.0; 2 * FEATURES], [0.0; 2 * FEATURES], [0.0; 2 * FEATURES]);
        for at in 0..2 * FEATURES {
            mean[at] = samples.iter().map(|pair| pair.x[at]).sum::<f64>() / many;
            let variance = samples.iter().map(|pair| (pair.x[at] - mean[at]).powi(2)).sum::<f64>() / many;
            scale[at] = variance.sqrt().max(1e-9);
        }
        let samples: Vec<Pair> = samples
            .iter()
            .map(|pair| Pair { x: std::array::from_fn(|at| (pair.x[at] - mean[at]) / scale[at]), talk: pair.talk })
            .collect();
        let talking = samples.iter().filter(|pair| pair.talk).count() as f64;
        let (mut bias, step) = (0.0, 0.3);
        for _ in 0..300 {
            let (mut slope, mut slope_of_bias) = ([0.0; 2 * FEATURES], 0.0);
            for Pair { x, talk } in &samples {
                let z: f64 = bias + weight.iter().zip(x).map(|(weight, x)| weight * x).sum::<f64>();
                let share = if *talk { 0.5 / talking } else { 0.5 / (many - talking) };
                let off = share * (f64::from(u8::from(*talk)) - 1.0 / (1.0 + (-z).exp()));
                slope_of_bias += off;
                slope.iter_mut().zip(x).for_each(|(slope, x)| *slope += off * x);
            }
            bias += step * slope_of_bias;
            weight.iter_mut().zip(slope).for_each(|(weight, slope)| *weight += step * (slope - 0.01 * *weight));
        }
        Self { mean, scale, weight }
    }

    fn score(&self, x: &[f64; 2 * FEATURES]) -> f64 {
        (0..2 * FEATURES).map(|at| self.weight[at] * (x[at] - self.mean[at]) / self.scale[at]).sum()
    }
}

/// How likely a pair that talks scores above one that does not.
fn auc(scores: &[(f64, bool)]) -> f64 {
    let of = |talk: bool| scores.iter().filter(move |(_, is)| *is == talk).map(|(score, _)| *score);
    let wins: f64 = of(true)
        .map(|x| of(false).map(|y| if x > y { 1.0 } else { f64::from(u8::from(x >= y)) / 2.0 }).sum::<f64>())
        .sum();
    wins / (of(true).count() * of(false).count()) as f64
}

/// Each half of the talkers of each world is judged by a classifier that was trained on all others.
fn judged(what: &str, sights: &[Sight]) -> f64 {
    let pieces: usize = sights.iter().map(|sight| sight.first.len()).sum();
    let halves: Vec<Vec<Pair>> = sights.iter().flat_map(samples).collect();
    let judge = |at: usize| {
        let others = halves.iter().enumerate().filter(|(other, _)| *other != at);
        let classifier = Classifier::train(&others.flat_map(|(_, other)| other.clone()).collect::<Vec<_>>());
        auc(&halves[at].iter().map(|pair| (classifier.score(&pair.x), pair.talk)).collect::<Vec<_>>())
    };
    let aucs: Vec<f64> = (0..halves.len()).map(judge).collect();
    let mean = aucs.iter().sum::<f64>() / aucs.len() as f64;
    println!("{what}: AUC {mean:.3} {aucs:.2?}, {pieces} pieces of mail");
    mean
}

/// Of 40 pairs, and of 80 others where that is above the bound: chance alone comes above it once in some fifty times
/// with 40.
fn bounded(what: &str, sight: impl Fn(u64) -> Sight) -> f64 {
    let auc = judged(what, &[1, 2].map(&sight));
    if auc > 0.6 { judged(&format!("{what}, others"), &[3, 4, 5, 6].map(&sight)) } else { auc }
}

/// The aim is 0.6, as below; what is seen lies about there, now below and now above (docs/decisions.md). The bound holds
/// against getting worse.
#[test]
fn a_carrier_of_everybody_hardly_tells_who_writes_letters_to_whom() {
    let seen = |seed| watch(seed, Habit::Letters, Answers::Default, Hub::Carrier).on_the_way();
    let auc = judged("a carrier on the way", &[1, 2].map(seen));
    assert!(auc <= 0.7, "{auc:.3}");
}

/// It gets most letters from who wrote them, and so sees better than others when somebody writes.
#[test]
fn a_mailbox_of_everybody_hardly_tells_who_writes_letters_to_whom() {
    let seen = |seed| watch(seed, Habit::Letters, Answers::Default, Hub::Mailbox).on_the_way();
    let auc = judged("a mailbox on the way", &[1, 2].map(seen));
    assert!(auc <= 0.7, "{auc:.3}");
}

/// In the default setting: should this fail one day, docs/security.md promises too little.
#[test]
fn who_sees_every_link_can_tell_unless_answers_are_hidden() {
    let auc = judged("every link", &[watch(1, Habit::Letters, Answers::Default, Hub::Carrier).of_every_link()]);
    assert!(auc > 0.6, "{auc:.3}");
}

#[test]
fn who_sees_every_link_can_not_tell_who_writes_letters_to_whom_where_answers_are_hidden() {
    let hidden = |seed| watch(seed, Habit::Letters, Answers::Hidden, Hub::Carrier).of_every_link();
    let auc = bounded("every link, answers hidden", hidden);
    assert!(auc <= 0.6, "{auc:.3}");
}

/// The same observer without padding, and with answers at once: so the tests above can fail.
#[test]
fn without_padding_and_delays_it_is_told() {
    let auc = judged("bare", &[watch(1, Habit::Letters, Answers::Bare, Hub::Carrier).unpadded()]);
    assert!(auc >= 0.9, "{auc:.3}");
}

/// What people do themselves is seen: nothing here hides that one answers within the minute. Should this fail one day,
/// docs/security.md promises too little.
#[test]
fn who_answers_within_the_minute_is_seen() {
    let auc = judged(
        "every link, chats, answers hidden",
        &[watch(1, Habit::Chat, Answers::Hidden, Hub::Carrier).of_every_link()],
    );
    assert!(auc > 0.6, "{auc:.3}");
}
