//! Who is in the demo, and what they say: the same every time. Times are minutes before now; beats stand in their order.

use super::paint::Scene;

/// Number in [`PEOPLE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Who(pub(super) usize);

/// The user's personas.
const ALICE: Who = Who(0);
const DARK: Who = Who(1);
const BOB: Who = Who(2);
const CAROL: Who = Who(3);
const LAYLA: Who = Who(4);
const JONAS: Who = Who(5);
const HANA: Who = Who(6);
const NOA: Who = Who(7);
const ZOE: Who = Who(8);
const RAVI: Who = Who(9);
const CHOIR: Who = Who(10);
/// Whom nobody of the user's follows.
const MALLORY: Who = Who(11);
const OLENA: Who = Who(12);

/// A link of which a post has a card: where it leads, and what is said there. Nobody asks it.
pub(super) const CARD: (&str, &str, &str) = (
    "https://choir.example/autumn",
    "Autumn programme of the Harbour Choir",
    "Nine songs about water, two about bread. Tuesdays at seven in the loft.",
);

pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) bio: &'static str,
    /// Seed of the picture.
    pub(super) face: u32,
    /// A persona of the user's.
    pub(super) own: bool,
    pub(super) follows: &'static [Who],
    /// Whom it tells that it follows them.
    pub(super) tells: &'static [Who],
}

const ALL_FRIENDS: &[Who] = &[BOB, CAROL, LAYLA, JONAS, HANA, NOA, ZOE, RAVI, CHOIR];

pub(super) const PEOPLE: &[Person] = &[
    Person {
        name: "Alice",
        bio: "Sails, bread, and too many seedlings. A demo persona: everything here was made up on this machine.",
        face: 11,
        own: true,
        follows: ALL_FRIENDS,
        tells: &[BOB, CAROL],
    },
    Person {
        name: "Alice after dark",
        bio: "Stars over the harbour wall.",
        face: 12,
        own: true,
        follows: &[CAROL, HANA],
        tells: &[],
    },
    Person {
        name: "Bob",
        bio: "Wooden boats, mostly old ones. #harbour",
        face: 23,
        own: false,
        follows: &[ALICE, CAROL, JONAS, ZOE, CHOIR],
        tells: &[ALICE],
    },
    Person {
        name: "Carol",
        bio: "Botanist. I photograph weeds and call it work.",
        face: 37,
        own: false,
        follows: &[ALICE, DARK, BOB, LAYLA, HANA, RAVI, CHOIR],
        tells: &[ALICE],
    },
    Person {
        name: "ليلى",
        bio: "أكتب عن المدن القديمة والقهوة، وأصوّر البلاط أينما ذهبت.",
        face: 41,
        own: false,
        follows: &[ALICE, CAROL, NOA, ZOE],
        tells: &[ALICE],
    },
    Person {
        name: "Jonas",
        bio: "Radfahren, Karten, schlechte Wortspiele.",
        face: 59,
        own: false,
        follows: &[ALICE, BOB, ZOE, RAVI],
        tells: &[],
    },
    Person {
        name: "花",
        bio: "山と星と、ときどき猫。",
        face: 61,
        own: false,
        follows: &[ALICE, DARK, CAROL],
        tells: &[ALICE],
    },
    Person {
        name: "נועה",
        bio: "מוזיקאית. מתאמנת ליד החלון הפתוח, סליחה מראש מהשכנים.",
        face: 73,
        own: false,
        follows: &[ALICE, LAYLA, CHOIR],
        tells: &[],
    },
    Person {
        name: "Zoë",
        bio: "Libraire le jour, marcheuse le dimanche.",
        face: 83,
        own: false,
        follows: &[ALICE, BOB, LAYLA, JONAS],
        tells: &[],
    },
    Person {
        name: "Ravi",
        bio: "Bridges, dosas, cricket. In that order on weekdays.",
        face: 97,
        own: false,
        follows: &[ALICE, CAROL, JONAS],
        tells: &[ALICE],
    },
    Person {
        name: "Harbour Choir",
        bio: "Rehearsals on Thursdays in the old net loft. Nobody auditions.",
        face: 101,
        own: false,
        follows: &[ALICE, BOB, CAROL, NOA],
        tells: &[],
    },
    Person {
        name: "Mallory",
        bio: "Growth, growth, growth.",
        face: 113,
        own: false,
        follows: &[ALICE, CAROL],
        tells: &[],
    },
    Person {
        name: "Олена",
        bio: "Насіння старих сортів, обмін поштою.",
        face: 127,
        own: false,
        follows: &[ALICE, CAROL],
        tells: &[ALICE],
    },
];

pub(super) struct Picture {
    pub(super) scene: Scene,
    pub(super) seed: u32,
    /// What it shows, in words; empty: it was forgotten, as it happens.
    pub(super) alt: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    All,
    /// A circle or group of whoever posts.
    Circle(&'static str),
}

pub(super) enum Act {
    Post {
        text: &'static str,
        cw: Option<&'static str>,
        pictures: &'static [Picture],
        audience: Audience,
    },
    Comment {
        on: &'static str,
        text: &'static str,
    },
    /// Of who acts, and of others with it.
    React {
        on: &'static str,
        emoji: &'static str,
        with: &'static [Who],
    },
    Repost {
        on: &'static str,
    },
    Quote {
        on: &'static str,
        text: &'static str,
    },
    Poll {
        text: &'static str,
        options: &'static [&'static str],
        days: u64,
    },
    /// `option`: from 1; of who acts, and of others with it.
    Vote {
        on: &'static str,
        option: usize,
        with: &'static [Who],
    },
    Edit {
        on: &'static str,
        text: &'static str,
    },
    /// `answers`: in the conversation of that one.
    Message {
        to: &'static [Who],
        text: &'static str,
        answers: Option<&'static str>,
        pictures: &'static [Picture],
    },
    ReactToMessage {
        to: &'static str,
        emoji: &'static str,
    },
    Read {
        thread: &'static str,
    },
    Circle {
        circle: &'static str,
        members: &'static [Who],
        group: bool,
    },
    List {
        list: &'static str,
        members: &'static [Who],
    },
    Bookmark {
        on: &'static str,
    },
    FollowTag {
        tag: &'static str,
    },
}

pub(super) struct Beat {
    pub(super) minutes_ago: u32,
    pub(super) who: Who,
    /// As later beats name it; empty where none does.
    pub(super) name: &'static str,
    pub(super) act: Act,
}

const fn beat(minutes_ago: u32, who: Who, name: &'static str, act: Act) -> Beat {
    Beat { minutes_ago, who, name, act }
}

const fn post(minutes_ago: u32, who: Who, name: &'static str, text: &'static str) -> Beat {
    beat(minutes_ago, who, name, Act::Post { text, cw: None, pictures: &[], audience: Audience::All })
}

const fn shown(
    minutes_ago: u32,
    who: Who,
    name: &'static str,
    text: &'static str,
    pictures: &'static [Picture],
) -> Beat {
    beat(minutes_ago, who, name, Act::Post { text, cw: None, pictures, audience: Audience::All })
}

const fn sealed(
    minutes_ago: u32,
    who: Who,
    name: &'static str,
    circle: &'static str,
    text: &'static str,
    pictures: &'static [Picture],
) -> Beat {
    beat(minutes_ago, who, name, Act::Post { text, cw: None, pictures, audience: Audience::Circle(circle) })
}

const fn comment(minutes_ago: u32, who: Who, name: &'static str, on: &'static str, text: &'static str) -> Beat {
    beat(minutes_ago, who, name, Act::Comment { on, text })
}

const fn react(minutes_ago: u32, who: Who, on: &'static str, emoji: &'static str, with: &'static [Who]) -> Beat {
    beat(minutes_ago, who, "", Act::React { on, emoji, with })
}

const fn message(minutes_ago: u32, who: Who, name: &'static str, to: &'static [Who], text: &'static str) -> Beat {
    beat(minutes_ago, who, name, Act::Message { to, text, answers: None, pictures: &[] })
}

const fn answer(minutes_ago: u32, who: Who, name: &'static str, answers: &'static str, text: &'static str) -> Beat {
    beat(minutes_ago, who, name, Act::Message { to: &[], text, answers: Some(answers), pictures: &[] })
}

const DAY: u32 = 24 * 60;
const HOUR: u32 = 60;

pub(super) const BEATS: &[Beat] = &[
    beat(20 * DAY, ALICE, "", Act::Circle { circle: "Family", members: &[BOB, CAROL], group: false }),
    beat(
        20 * DAY - 30,
        CAROL,
        "",
        Act::Circle { circle: "Garden friends", members: &[ALICE, RAVI, HANA], group: false },
    ),
    beat(20 * DAY - 60, ALICE, "", Act::Circle { circle: "Sunday sailors", members: &[BOB, JONAS, ZOE], group: true }),
    beat(19 * DAY, ALICE, "", Act::List { list: "Gardeners", members: &[CAROL, RAVI] }),
    beat(19 * DAY - 10, ALICE, "", Act::List { list: "Far away", members: &[HANA, LAYLA, NOA, ZOE] }),
    beat(19 * DAY - 20, ALICE, "", Act::FollowTag { tag: "harbour" }),
    post(
        18 * DAY,
        CHOIR,
        "autumn",
        "We start the autumn programme this week. Bring a pencil, a jumper (the loft has no heating) and whoever sings in your kitchen. #harbour\n\nhttps://choir.example/autumn",
    ),
    react(18 * DAY - 50, NOA, "autumn", "🎶", &[BOB, CAROL, ALICE]),
    shown(
        17 * DAY,
        JONAS,
        "map",
        "Neue Karte fertig: alle Brunnen der Stadt, mit Wasserstand. Es sind 41. Der am Markt ist trocken, wie immer.",
        &[Picture { scene: Scene::Tiles, seed: 5, alt: "Ausschnitt einer gezeichneten Karte in Blau und Weiß" }],
    ),
    comment(17 * DAY - 40, ZOE, "map1", "map", "Et celui derrière la librairie ? Il coule encore, je te jure."),
    comment(17 * DAY - 70, JONAS, "map2", "map1", "Nummer 42! Danke, ich fahre morgen vorbei."),
    shown(
        16 * DAY,
        HANA,
        "ridge",
        "稜線に出たら、風がやんだ。",
        &[
            Picture { scene: Scene::Hills, seed: 3, alt: "朝の山並み、手前ほど濃い緑" },
            Picture { scene: Scene::Hills, seed: 9, alt: "同じ場所、夕方" },
        ],
    ),
    react(16 * DAY - 20, CAROL, "ridge", "🏔️", &[ALICE, DARK]),
    post(
        15 * DAY,
        RAVI,
        "bridge",
        "Load test on the footbridge passed with forty volunteers jumping in time. Nobody tells you that civil engineering is mostly asking people to jump.",
    ),
    comment(15 * DAY - 25, CAROL, "bridge1", "bridge", "Did anybody count them in?"),
    comment(15 * DAY - 32, RAVI, "bridge2", "bridge1", "The choir did. In three part harmony."),
    react(15 * DAY - 60, ALICE, "bridge2", "😂", &[CAROL, JONAS]),
    message(
        14 * DAY,
        BOB,
        "rudder",
        &[ALICE],
        "The rudder is back from the welder. Do you still want to help with the varnish on Saturday?",
    ),
    answer(
        14 * DAY - 12,
        ALICE,
        "rudder2",
        "rudder",
        "Yes! I'll bring the good brushes and a cake that failed only a little.",
    ),
    answer(
        14 * DAY - 15,
        BOB,
        "rudder3",
        "rudder2",
        "A failed cake is still a cake. Nine o'clock, the gate code hasn't changed.",
    ),
    beat(14 * DAY - 16, ALICE, "", Act::ReactToMessage { to: "rudder3", emoji: "👍" }),
    shown(
        13 * DAY,
        LAYLA,
        "tiles",
        "بلاط مدخل العمارة القديمة: كل قطعة مختلفة قليلاً، ومع ذلك يبدو الجدار كأنه جملة واحدة. #بلاط",
        &[Picture {
            scene: Scene::Tiles, seed: 14, alt: "نقش متكرر من أقواس زرقاء على خلفية فاتحة"
        }],
    ),
    comment(13 * DAY - 35, NOA, "tiles1", "tiles", "איזה יופי. אצלנו בחדר המדרגות נשאר רק שורה אחת מהמקוריים."),
    comment(13 * DAY - 50, ALICE, "tiles2", "tiles", "“One sentence” is exactly right. Where is this?"),
    comment(13 * DAY - 58, LAYLA, "tiles3", "tiles2", "في الشارع خلف السوق، الباب الأخضر. تعالوا وسأحضّر القهوة."),
    react(13 * DAY - 90, ZOE, "tiles", "💙", &[ALICE, CAROL, NOA]),
    sealed(
        12 * DAY,
        CAROL,
        "seeds",
        "Garden friends",
        "Seed swap in my kitchen on the 3rd. I have far too much of the speckled bean, so please bring envelopes.",
        &[Picture { scene: Scene::Garden, seed: 21, alt: "Flowers in pink and violet on dark green" }],
    ),
    comment(12 * DAY - 30, RAVI, "seeds1", "seeds", "I'll trade you curry leaf for speckled bean, weight for weight."),
    comment(12 * DAY - 44, ALICE, "seeds2", "seeds", "I can take half a kilo. I know how that sounds."),
    react(12 * DAY - 50, ALICE, "seeds1", "🌿", &[CAROL]),
    post(
        11 * DAY,
        ALICE,
        "bread",
        "Week three of the sourdough. It has started to answer back.\n\nFor anybody who asked:\n\n- 400 g flour, a third of it rye\n- 300 g water\n- 80 g starter that smells of apples\n- *patience*, which I have borrowed",
    ),
    comment(11 * DAY - 20, BOB, "bread1", "bread", "The last one floated. I tested."),
    comment(11 * DAY - 26, ALICE, "bread2", "bread1", "You tested it in the HARBOUR?"),
    comment(11 * DAY - 28, BOB, "bread3", "bread2", "For science. It outlived two fenders."),
    comment(11 * DAY - 80, ZOE, "bread4", "bread", "Le seigle, c'est non négociable. Bravo !"),
    react(11 * DAY - 100, CAROL, "bread3", "😂", &[ALICE, JONAS, ZOE]),
    react(11 * DAY - 110, RAVI, "bread", "🍞", &[BOB, CAROL, ZOE, HANA]),
    beat(
        10 * DAY,
        ALICE,
        "",
        Act::Edit {
            on: "bread",
            text: "Week three of the sourdough. It has started to answer back.\n\nFor anybody who asked:\n\n- 400 g flour, a third of it rye\n- 310 g water (not 300, sorry)\n- 80 g starter that smells of apples\n- *patience*, which I have borrowed",
        },
    ),
    shown(
        9 * DAY,
        DARK,
        "moon",
        "The moon came up behind the crane and for a minute the harbour looked finished.",
        &[Picture { scene: Scene::Night, seed: 6, alt: "A pale moon over a dark shore, with stars" }],
    ),
    comment(9 * DAY - 30, HANA, "moon1", "moon", "こちらは曇り。代わりに見てくれてありがとう。"),
    react(9 * DAY - 35, CAROL, "moon", "🌙", &[HANA]),
    message(
        8 * DAY,
        CAROL,
        "trip",
        &[ALICE, BOB, RAVI],
        "Plan for the island: ferry at 8:10, low tide at 11:40, back before the rain. Who has a tent that closes?",
    ),
    answer(8 * DAY - 6, RAVI, "trip2", "trip", "Mine closes. It does not open."),
    answer(8 * DAY - 9, BOB, "trip3", "trip2", "I have the big one from the club. Alice, do you take the stove?"),
    answer(
        8 * DAY - 20,
        ALICE,
        "trip4",
        "trip3",
        "Stove, pot, and a thermos for whoever gets up first. That won't be me.",
    ),
    beat(8 * DAY - 22, CAROL, "", Act::ReactToMessage { to: "trip4", emoji: "❤️" }),
    post(
        7 * DAY,
        NOA,
        "window",
        "תרגלתי היום שלוש שעות את אותן שמונה תיבות. בערב השכן שר אותן בחדר המדרגות, בקצב הנכון.",
    ),
    react(7 * DAY - 25, LAYLA, "window", "👏", &[ALICE]),
    comment(7 * DAY - 40, CHOIR, "window1", "window", "Send him to us. Thursdays, half past seven."),
    beat(
        6 * DAY,
        JONAS,
        "pun",
        Act::Post {
            text: "Was macht ein Kartograf im Urlaub? Maßstabsgetreue Pausen.",
            cw: Some("Wortspiel, sehr schlecht"),
            pictures: &[],
            audience: Audience::All,
        },
    ),
    comment(6 * DAY - 14, ZOE, "pun1", "pun", "Je regrette d'avoir appris l'allemand."),
    react(6 * DAY - 15, ALICE, "pun", "🙈", &[ZOE, BOB, RAVI]),
    sealed(
        5 * DAY,
        BOB,
        "sunday",
        "Sunday sailors",
        "Forecast for Sunday: southwest 4, sun until three. We need one more for the jib. Zoë, you said you'd rather steer than read this weekend?",
        &[],
    ),
    comment(5 * DAY - 18, ZOE, "sunday1", "sunday", "J'ai dit que je préférais lire *en* barrant. J'arrive."),
    comment(5 * DAY - 21, ALICE, "sunday2", "sunday", "I bring sandwiches for four and a book for one."),
    react(5 * DAY - 22, JONAS, "sunday", "⛵", &[ALICE, ZOE]),
    shown(
        4 * DAY,
        BOB,
        "launch",
        "She floats! Eleven months, four coats, one lost thumb nail. Thank you all for holding things while I looked for other things. #harbour",
        &[
            Picture { scene: Scene::Harbour, seed: 2, alt: "Three sails on calm water in front of a low sun" },
            Picture { scene: Scene::Harbour, seed: 8, alt: "The same bay an hour later" },
            Picture { scene: Scene::Harbour, seed: 13, alt: "" },
        ],
    ),
    comment(4 * DAY - 10, ALICE, "launch1", "launch", "I held the torch. Put that on the plaque."),
    comment(4 * DAY - 12, JONAS, "launch2", "launch", "Glückwunsch! Wie heißt sie denn nun?"),
    comment(4 * DAY - 13, BOB, "launch3", "launch2", "*Patience*. After the bread."),
    comment(4 * DAY - 16, CAROL, "launch4", "launch3", "The bread that floated."),
    comment(4 * DAY - 17, BOB, "launch5", "launch4", "It all connects."),
    comment(4 * DAY - 60, MALLORY, "spam", "launch", "Nice boat. Want 10,000 followers by Friday? Ask me how!!!"),
    react(4 * DAY - 61, CAROL, "launch", "🎉", &[ALICE, JONAS, ZOE, CHOIR]),
    react(4 * DAY - 62, HANA, "launch", "⛵", &[RAVI, LAYLA]),
    beat(4 * DAY - 90, CHOIR, "", Act::Repost { on: "launch" }),
    beat(4 * DAY - 95, ALICE, "", Act::Bookmark { on: "launch" }),
    message(
        3 * DAY + HOUR,
        MALLORY,
        "offer",
        &[ALICE],
        "Hi!!! I saw your bread. I can make it famous. Reply YES and I send the form.",
    ),
    message(
        3 * DAY,
        OLENA,
        "swap",
        &[ALICE],
        "Доброго дня! Керол каже, що у вас забагато квасолі. Обміняємось? У мене є помідори, які ростуть навіть у дощ.",
    ),
    post(
        2 * DAY + 5 * HOUR,
        ZOE,
        "shop",
        "Une cliente cherche « le livre bleu, avec la mer dedans ». J'en ai trouvé onze. Elle a pris les onze.",
    ),
    react(2 * DAY + 4 * HOUR, JONAS, "shop", "💙", &[ALICE, LAYLA, BOB]),
    comment(2 * DAY + 4 * HOUR - 20, LAYLA, "shop1", "shop", "وهل كان بينها الكتاب الصحيح؟"),
    comment(2 * DAY + 4 * HOUR - 30, ZOE, "shop2", "shop1", "Bien sûr que non. Elle revient samedi."),
    beat(2 * DAY + 3 * HOUR, ALICE, "", Act::Bookmark { on: "tiles" }),
    sealed(
        2 * DAY,
        ALICE,
        "photos",
        "Family",
        "The attic is empty. I kept the ship's clock, the recipe tin and every photo where somebody blinks.",
        &[Picture { scene: Scene::Harbour, seed: 31, alt: "An old photo of the harbour, in warm colours" }],
    ),
    comment(2 * DAY - 15, BOB, "photos1", "photos", "Does the clock still run backwards?"),
    comment(2 * DAY - 18, ALICE, "photos2", "photos1", "Only on Tuesdays."),
    react(2 * DAY - 20, CAROL, "photos", "❤️", &[BOB]),
    shown(
        DAY + 6 * HOUR,
        CAROL,
        "weeds",
        "Today's “weed”: ivy-leaved toadflax, growing out of the quay wall where no soil is. It plants its own seeds into cracks by bending its stems *away* from the light. #harbour #botany",
        &[Picture {
            scene: Scene::Garden,
            seed: 4,
            alt: "Small violet flowers with yellow hearts between green leaves",
        }],
    ),
    comment(
        DAY + 5 * HOUR,
        RAVI,
        "weeds1",
        "weeds",
        "I inspected that wall last year and wrote “minor vegetation”. I apologise to the toadflax.",
    ),
    comment(DAY + 5 * HOUR - 5, CAROL, "weeds2", "weeds1", "It forgives you. It has your mortar."),
    comment(DAY + 4 * HOUR, HANA, "weeds3", "weeds", "うちの石垣にもいます。ツタバウンラン。"),
    react(DAY + 4 * HOUR - 10, ALICE, "weeds", "🌱", &[HANA, RAVI, BOB]),
    beat(DAY + 4 * HOUR - 12, ALICE, "", Act::Repost { on: "weeds" }),
    message(DAY + 2 * HOUR, LAYLA, "coffee", &[ALICE], "وجدت لكِ بلاطة واحدة سليمة في السوق. هل أحجزها؟"),
    answer(
        DAY + 2 * HOUR - 30,
        ALICE,
        "coffee2",
        "coffee",
        "Yes please! What do I owe you, and does it survive the post?",
    ),
    answer(DAY + HOUR, LAYLA, "coffee3", "coffee2", "لا شيء. ولن أرسلها بالبريد، تعالي وخذيها."),
    post(
        20 * HOUR,
        RAVI,
        "rain",
        "Monsoon app says 0 %. Grandmother says bring the washing in. Nobody in this house believes the app.",
    ),
    react(19 * HOUR, CAROL, "rain", "☔", &[ALICE, JONAS]),
    comment(18 * HOUR, JONAS, "rain1", "rain", "Großmütter haben die bessere Auflösung."),
    post(
        14 * HOUR,
        CHOIR,
        "thursday",
        "Thursday: please look at bars 40 to 64 beforehand. The tenors know why. Tea afterwards, Carol brings plum cake. #harbour",
    ),
    react(13 * HOUR, CAROL, "thursday", "🎶", &[BOB, NOA]),
    comment(13 * HOUR - 20, BOB, "thursday1", "thursday", "The tenors do not know why."),
    answer(9 * HOUR, CAROL, "trip5", "trip4", "Rain moved to the evening. We have the whole day!"),
    answer(8 * HOUR, BOB, "trip6", "trip5", "Then I take the long way round the lighthouse."),
    post(6 * HOUR, HANA, "cat", "猫が望遠鏡の箱で寝ている。今夜は観測できません。"),
    react(6 * HOUR - 20, ALICE, "cat", "🐈", &[CAROL, DARK]),
    comment(6 * HOUR - 25, DARK, "cat1", "cat", "Astronomy is patient. Cats are not."),
    post(
        4 * HOUR,
        ALICE,
        "seedlings",
        "Counted the seedlings again. There are more than yesterday and I planted none. If you live within cycling distance: you are getting a tomato. #garden",
    ),
    comment(
        4 * HOUR - 12,
        CAROL,
        "seedlings1",
        "seedlings",
        "I taught you how to prick out. I did not teach you how to stop.",
    ),
    comment(4 * HOUR - 20, JONAS, "seedlings2", "seedlings", "Fahrraddistanz ist dehnbar. Ich nehme drei."),
    comment(4 * HOUR - 30, OLENA, "seedlings3", "seedlings", "А мені можна насінням?"),
    react(3 * HOUR, BOB, "seedlings", "🍅", &[CAROL, JONAS, RAVI, ZOE]),
    message(
        2 * HOUR,
        JONAS,
        "bike",
        &[ALICE],
        "Ich bin um sechs mit dem Anhänger da. Passen wirklich zwölf Tomaten in eine Kiste?",
    ),
    beat(100, ALICE, "", Act::Read { thread: "coffee" }),
    beat(
        98,
        ALICE,
        "",
        Act::Message {
            to: &[ALICE],
            text: "Before Sunday: stove gas, tide table, ask Ravi about the tent",
            answers: None,
            pictures: &[],
        },
    ),
    shown(
        70,
        LAYLA,
        "evening",
        "المساء على السطح: المدينة تخفض صوتها قليلاً، ثم تتذكّر وترفعه.",
        &[Picture { scene: Scene::Night, seed: 19, alt: "قمر فوق خط داكن من البيوت" }],
    ),
    react(62, NOA, "evening", "💙", &[ZOE, CAROL]),
    beat(
        55,
        BOB,
        "",
        Act::Message {
            to: &[ALICE],
            text: "Varnish is dry. Come and see before I scratch it.",
            answers: None,
            pictures: &[Picture { scene: Scene::Harbour, seed: 44, alt: "The boat at the quay" }],
        },
    ),
    post(
        35,
        ZOE,
        "sunday-walk",
        "Dimanche, 14 km le long de la côte, départ devant la librairie à neuf heures. Les chiens et les lents sont les bienvenus. Surtout les lents.",
    ),
    comment(28, ALICE, "walk1", "sunday-walk", "I am slow and I have sandwiches."),
    comment(21, NOA, "walk2", "sunday-walk", "אני באה, עם כינור קטן."),
    beat(
        20,
        CAROL,
        "loaf",
        Act::Poll {
            text: "Which loaf comes to the rehearsal on Saturday?",
            options: &["Rye", "The one with all the seeds", "The one that fell"],
            days: 3,
        },
    ),
    beat(19, BOB, "", Act::Vote { on: "loaf", option: 2, with: &[LAYLA, CHOIR] }),
    beat(19, RAVI, "", Act::Vote { on: "loaf", option: 3, with: &[HANA] }),
    react(18, LAYLA, "sunday-walk", "🥾", &[ALICE, BOB]),
    post(9, BOB, "fog", "Fog so thick that I heard the ferry apologise to a buoy. #harbour"),
    react(6, CAROL, "fog", "😂", &[ALICE]),
    comment(4, CAROL, "fog1", "fog", "Which of them was wrong?"),
    beat(3, JONAS, "fog2", Act::Quote { on: "fog", text: "Die Boje hat ihr verziehen. Ich habe gefragt." }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_stand_in_the_order_of_their_times_and_name_only_what_was_said() {
        let mut said: Vec<&str> = Vec::new();
        let mut last = u32::MAX;
        for Beat { minutes_ago, who, name, act } in BEATS {
            assert!(*minutes_ago <= last, "{name}: {minutes_ago} is after {last}");
            last = *minutes_ago;
            assert!(who.0 < PEOPLE.len());
            let names: &[&str] = match act {
                Act::Comment { on, .. } | Act::React { on, .. } | Act::Repost { on } | Act::Edit { on, .. } => &[*on],
                Act::Quote { on, .. } | Act::Vote { on, .. } => &[*on],
                Act::Bookmark { on } => &[*on],
                Act::Message { answers: Some(answered), .. } => &[*answered],
                Act::ReactToMessage { to, .. } | Act::Read { thread: to } => &[*to],
                _ => &[],
            };
            assert!(names.iter().all(|name| said.contains(name)), "{names:?}");
            if !name.is_empty() {
                assert!(!said.contains(name), "{name} is said twice");
                said.push(name);
            }
        }
    }
}
