//! Generated tables: never a panic, errors of bounded length, and agreement with the model.

use bumpalo::Bump;
use lankeeper::Nic;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::large::LONGEST_ERROR;
use super::model::{first_problem, word};
use super::tree::Tree;

const KEYS: [&str; 19] = [
    "interface",
    "wificonfig",
    "staticconfig",
    "proxyconfig",
    "ssid",
    "security",
    "key",
    "hidden",
    "bssid",
    "ip",
    "netmask",
    "gateway",
    "dns",
    "type",
    "address",
    "port",
    "username",
    "user",
    "password",
];

/// Values at and around every limit, for any key.
fn odd() -> impl Strategy<Value = Tree> {
    let texts = [
        "",
        "wl0",
        "wl0i",
        "eth1",
        "eth10",
        "cell",
        "http",
        "10.0.0.1",
        "10.0.0.01",
        "10.255.255.255",
        "127.0.0.1",
        "224.0.0.1",
        "255.0.0.0",
        "255.0.255.0",
        "255.255.255.254",
        "0.0.0.0",
        "a.b",
        "a.1",
        "-a",
        "12345",
        "1234567",
        "pässword",
        "a_b",
        "a.b.",
        "a..",
        ".",
        "10.0.0.1.",
        "hub:swordfish",
        "tab\there",
        "next\u{85}line",
        "rub\u{7f}out",
        "wep",
        "wpa3",
        "02:00:5e:00:53:01",
        "02:00:5e:00:53:1",
    ];
    let lengths = [1, 4, 6, 32, 33, 63, 64, 65, 80, 81, 112, 113];
    prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Boolean),
        select(vec![i64::MIN, 0, 1, 80, 65_535, 65_536]).prop_map(Tree::Integer),
        select(texts.to_vec()).prop_map(Tree::text),
        select(lengths.to_vec()).prop_map(|length| Tree::Text("f".repeat(length))),
        select(lengths.to_vec()).prop_map(|length| Tree::Blob(vec![0xFF; length])),
        Just(Tree::Blob(vec![])),
        vec(select(texts.to_vec()).prop_map(Tree::text), 0..4).prop_map(Tree::List),
        Just(Tree::List(vec![Tree::Null])),
        Just(Tree::Table(vec![])),
    ]
}

/// Mostly one of these texts, sometimes an odd value.
fn near(texts: &[&'static str]) -> BoxedStrategy<Tree> {
    prop_oneof![30 => select(texts.to_vec()).prop_map(Tree::text), 1 => odd()].boxed()
}

/// A table in which most keys are present exactly once, in any order.
fn near_table(keys: Vec<(&'static str, u32, BoxedStrategy<Tree>)>) -> BoxedStrategy<Tree> {
    let mut table = prop_oneof![
        40 => Just(vec![]),
        1 => vec((select(vec!["sid", "Key", "", "a.b"]).prop_map(String::from), odd()), 1..3),
    ]
    .boxed();
    for (key, weight, value) in keys {
        let count = prop_oneof![weight => Just(1_usize), 1 => Just(0), (weight / 30) => Just(2)];
        let entries =
            (count, value).prop_map(move |(count, value)| vec![(key.to_string(), value); count]);
        table = (table, entries)
            .prop_map(|(table, entries)| [table, entries].concat())
            .boxed();
    }
    table.prop_shuffle().prop_map(Tree::Table).boxed()
}

fn near_nic() -> BoxedStrategy<Tree> {
    let mostly = |it: BoxedStrategy<Tree>| prop_oneof![30 => it, 1 => odd()].boxed();
    let key = prop_oneof![
        Just(Tree::Null),
        near(&["", "12345", "correct horse", "häuser und", "1234567890"]),
        Just(Tree::Blob(vec![1; 112]))
    ]
    .boxed();
    let flag = mostly(any::<bool>().prop_map(Tree::Boolean).boxed());
    let bssid = prop_oneof![
        near(&[
            "02:00:5e:00:53:01",
            "02-00-5E-00-53-01",
            "03:00:00:00:00:00"
        ]),
        vec(any::<u8>(), 6..=6).prop_map(Tree::Blob)
    ]
    .boxed();
    let wifi = near_table(vec![
        ("ssid", 40, near(&["s", "shed"])),
        (
            "security",
            1,
            near(&["open", "wep", "wpa2", "wpa3", "any", "wpa"]),
        ),
        ("key", 40, key),
        ("hidden", 1, flag),
        ("bssid", 1, bssid),
    ]);
    let server = near(&["9.9.9.9", "10.0.0.9"]);
    let address = near_table(vec![
        (
            "ip",
            40,
            near(&["10.0.0.1", "10.0.0.2", "10.1.0.0", "192.168.1.1"]),
        ),
        (
            "netmask",
            40,
            near(&["255.0.0.0", "255.255.255.0", "255.255.255.252"]),
        ),
        ("gateway", 1, near(&["10.0.0.1", "10.0.0.3", "192.168.1.2"])),
        (
            "dns",
            1,
            mostly(vec(server, 1..3).prop_map(Tree::List).boxed()),
        ),
    ]);
    let password = prop_oneof![
        near(&["", "swordfish", "sword:fish", "sword\u{1}fish"]),
        select(vec![9, 80, 81]).prop_map(|length| Tree::Blob(vec![1; length]))
    ]
    .boxed();
    let proxy = near_table(vec![
        ("type", 1, near(&["http"])),
        (
            "address",
            40,
            near(&["proxy", "a-b.example", "_a_b_.example.", "10.0.0.1"]),
        ),
        (
            "port",
            40,
            mostly((1..65_536_i64).prop_map(Tree::Integer).boxed()),
        ),
        ("username", 1, near(&["", "hub", "a b", "h:b", "h\nb"])),
        ("user", 1, near(&["", "hub", "hüb"])),
        ("password", 1, password),
    ]);
    near_table(vec![
        (
            "interface",
            60,
            near(&["wl0", "wifi", "wl0i", "eth0", "ethernet", "cell"]),
        ),
        ("wificonfig", 1, mostly(wifi)),
        ("staticconfig", 1, mostly(address)),
        ("proxyconfig", 1, mostly(proxy)),
    ])
}

/// Any value, with mostly known keys.
fn anything() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        odd(),
        any::<i64>().prop_map(Tree::Integer),
        any::<String>().prop_map(Tree::Text),
        vec(any::<u8>(), 0..200).prop_map(Tree::Blob),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let known = select(KEYS.to_vec()).prop_map(String::from);
        let key = prop_oneof![20 => known, 1 => any::<String>()];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Tree::List),
            vec((key, inner), 0..6).prop_map(Tree::Table),
        ]
    })
}

/// The crate's verdict: the path and the word for the problem.
fn verdict(tree: &Tree) -> Option<(String, &'static str)> {
    let error = Nic::from_value(&tree.lend(&Bump::new())).err()?;
    Some((error.path().to_string(), word(error.problem())))
}

fn unquoted(path: &str) -> String {
    path.replace('"', "")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    // spec: NIC-4, NIC-5, NIC-6, NIC-7, NIC-8, NIC-9, NIC-11
    #[test]
    fn the_model_agrees(tree in near_nic()) {
        let found = verdict(&tree).map(|(path, word)| (unquoted(&path), word));
        prop_assert_eq!(found, first_problem(&tree));
    }

    // spec: NIC-11
    #[test]
    fn the_order_of_entries_matters_among_unknown_keys_only(tree in near_nic()) {
        let (found, turned) = (verdict(&tree), verdict(&tree.reversed()));
        match found {
            Some((_, "unknown")) => prop_assert_eq!(turned.unwrap().1, "unknown"),
            other => prop_assert_eq!(other, turned),
        }
    }

    // spec: NIC-10, NIC-11
    #[test]
    fn accepted_tables_survive_a_round_trip(tree in near_nic()) {
        if let Ok(nic) = Nic::from_value(&tree.lend(&Bump::new())) {
            let again = Nic::from_value(&Tree::of(&nic).lend(&Bump::new())).unwrap();
            prop_assert!(again.means_same_as(&nic, []));
            prop_assert_eq!(again.name(), nic.name());
            prop_assert_eq!(format!("{again:?}"), format!("{nic:?}"));
        }
    }

    // spec: NIC-11
    #[test]
    fn any_value_gives_a_configuration_or_a_short_error(tree in anything()) {
        if let Err(error) = Nic::from_value(&tree.lend(&Bump::new())) {
            let text = error.to_string();
            prop_assert!(text.len() <= LONGEST_ERROR);
            prop_assert!(text.chars().all(|c| c == '…' || c == ' ' || c.is_ascii_graphic()));
            let shown = format!("{error:?}");
            prop_assert!(shown.len() <= 2 * LONGEST_ERROR);
        }
    }
}

// spec: NIC-11
#[test]
fn the_generator_makes_valid_and_invalid_tables() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let strategy = near_nic();
    let verdicts: Vec<_> = (0..2_000)
        .map(|_| verdict(&strategy.new_tree(&mut runner).unwrap().current()))
        .collect();
    for expected in ["unknown", "duplicate", "missing", "type", "medium", "value"] {
        let count = verdicts
            .iter()
            .flatten()
            .filter(|(_, word)| *word == expected)
            .count();
        assert!(count > 20, "{expected} {count}");
    }
    let accepted = verdicts.iter().filter(|it| it.is_none()).count();
    assert!(accepted > 300, "{accepted}");
}
