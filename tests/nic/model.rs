//! A second implementation of the rules: it checks every rule on its own, collects all problems
//! with a rank, and reports the one with the lowest rank.

use core::net::Ipv4Addr;

use ipnet::Ipv4Net;
use lankeeper::nic::NicProblem;

use super::tree::Tree;

/// The path of a problem, and a word for its kind.
pub(crate) type Finding = (String, &'static str);

/// The word for a problem that the crate reports.
pub(crate) fn word(problem: &NicProblem) -> &'static str {
    match problem {
        NicProblem::UnknownKey { .. } => "unknown",
        NicProblem::DuplicateKey => "duplicate",
        NicProblem::MissingKey { .. } => "missing",
        NicProblem::WrongType { .. } => "type",
        NicProblem::NotOnMedium { .. } => "medium",
        _ => "value",
    }
}

/// The first problem of a table, if there is one.
pub(crate) fn first_problem(tree: &Tree) -> Option<Finding> {
    let mut all = Findings(Vec::new());
    all.root(tree);
    all.0.into_iter().min().map(|(_, path, word)| (path, word))
}

/// The problem with the lowest rank is reported; ranks compare lexicographically.
type Rank = Vec<usize>;

struct Findings(Vec<(Rank, String, &'static str)>);

/// One table with its place in the ranking.
struct Place<'t> {
    name: &'static str,
    rank: Rank,
    entries: &'t [(String, Tree)],
}

impl<'t> Place<'t> {
    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.into()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    fn all(&self, key: &str) -> Vec<&'t Tree> {
        let entries = self.entries.iter().filter(|(name, _)| name == key);
        entries.map(|(_, value)| value).collect()
    }

    fn text(&self, key: &str) -> Option<&'t str> {
        match self.all(key).first() {
            Some(Tree::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn quad(&self, key: &str) -> Option<Ipv4Addr> {
        self.text(key)?.parse().ok()
    }
}

impl Findings {
    fn add(&mut self, place: &Place<'_>, key: &str, rank: &[usize], word: &'static str) {
        let rank = [&place.rank, rank].concat();
        self.0.push((rank, place.path(key), word));
    }

    fn root(&mut self, tree: &Tree) {
        let Tree::Table(entries) = tree else {
            panic!("the model knows tables only")
        };
        let keys = ["interface", "wificonfig", "staticconfig", "proxyconfig"];
        let root = Place {
            name: "",
            rank: vec![],
            entries,
        };
        self.unknown(&root, &keys);
        self.key(
            &root,
            1,
            "interface",
            true,
            "T",
            |it| matches!(it, Tree::Text(text) if medium(text).is_some()),
        );
        let medium = root.text("interface").and_then(medium);
        for (number, name, media) in [(2, keys[1], "w"), (3, keys[2], "we"), (4, keys[3], "we")] {
            self.key(&root, number, name, false, "t", |_| true);
            let given = root.all(name);
            let [Tree::Table(entries)] = given[..] else {
                continue;
            };
            if !medium.is_some_and(|medium| media.contains(medium)) {
                self.add(&root, name, &[number, 3], "medium");
            }
            let place = Place {
                name,
                rank: vec![number, 4],
                entries,
            };
            match number {
                2 => self.wifi(&place),
                3 => self.address(&place),
                _ => self.proxy(&place),
            }
        }
    }

    fn unknown(&mut self, place: &Place<'_>, keys: &[&str]) {
        for (index, (key, _)) in place.entries.iter().enumerate() {
            if !keys.contains(&&**key) {
                self.add(place, key, &[0, index], "unknown");
            }
        }
    }

    /// Checks one key on its own. `kinds` has one letter for each allowed type.
    fn key(
        &mut self,
        place: &Place<'_>,
        number: usize,
        key: &str,
        required: bool,
        kinds: &str,
        is_right: impl Fn(&Tree) -> bool,
    ) {
        let given = place.all(key);
        if given.len() > 1 {
            self.add(place, key, &[number, 0], "duplicate");
        }
        match given.first() {
            None if required => self.add(place, key, &[number, 1], "missing"),
            None => (),
            Some(it) if !kinds.contains(letter(it)) => self.add(place, key, &[number, 2], "type"),
            Some(it) if !is_right(it) => self.add(place, key, &[number, 3], "value"),
            Some(_) => (),
        }
    }

    fn wifi(&mut self, place: &Place<'_>) {
        self.unknown(place, &["ssid", "security", "key", "hidden", "bssid"]);
        self.key(place, 1, "ssid", true, "TB", |it| {
            (1..=32).contains(&length(it))
        });
        let kinds = ["open", "wep", "wpa2", "wpa3", "any"];
        self.key(
            place,
            2,
            "security",
            false,
            "T",
            |it| matches!(it, Tree::Text(text) if kinds.contains(&text.as_str())),
        );
        let security = place.text("security").unwrap_or("any");
        self.key(place, 3, "key", true, "NTB", |it| match it {
            Tree::Text(text) => goes_with(security, text),
            Tree::Blob(blob) => (1..=112).contains(&blob.len()) && security != "open",
            _ => goes_with(security, ""),
        });
        self.key(place, 4, "hidden", false, "Y", |_| true);
        self.key(place, 5, "bssid", false, "TB", |it| match it {
            Tree::Text(text) => address_of(text).is_some_and(|it| is_access_point(&it)),
            Tree::Blob(bytes) => is_access_point(bytes),
            _ => true,
        });
    }

    fn address(&mut self, place: &Place<'_>) {
        self.unknown(place, &["ip", "netmask", "gateway", "dns"]);
        let is_quad =
            |it: &Tree| matches!(it, Tree::Text(text) if text.parse::<Ipv4Addr>().is_ok());
        self.key(place, 1, "ip", true, "T", is_quad);
        self.key(place, 2, "netmask", true, "T", is_quad);
        self.key(place, 3, "gateway", false, "T", is_quad);
        self.key(
            place,
            4,
            "dns",
            false,
            "L",
            |it| matches!(it, Tree::List(items) if (1..3).contains(&items.len())),
        );

        let ip = place.quad("ip");
        if ip.is_some_and(|ip| !is_unicast(ip) || ip.octets()[0] == 127 || ip.is_link_local()) {
            self.add(place, "ip", &[1, 4], "value");
        }
        let mask = place.quad("netmask");
        let length = mask.map(|mask| ipnet::ipv4_mask_to_prefix(mask).ok());
        if length.is_some_and(|length| !length.is_some_and(|length| (1..=31).contains(&length))) {
            self.add(place, "netmask", &[2, 4], "value");
        }
        if let (Some(ip), Some(Some(length))) = (ip, length) {
            let net = Ipv4Net::new(ip, length).unwrap();
            let is_host = |it: Ipv4Addr| {
                net.contains(&it)
                    && (length == 31 || (it != net.network() && it != net.broadcast()))
            };
            if !is_host(ip) {
                self.add(place, "ip", &[2, 5], "value");
            }
            if place
                .quad("gateway")
                .is_some_and(|it| !is_host(it) || it == ip)
            {
                self.add(place, "gateway", &[3, 4], "value");
            }
        }
        if let Some(Tree::List(items)) = place.all("dns").first() {
            for (index, item) in items.iter().enumerate() {
                let path = format!("dns[{index}]");
                match item {
                    Tree::Text(text) if text.parse().is_ok_and(is_unicast) => (),
                    Tree::Text(_) => self.add(place, &path, &[4, 4, index], "value"),
                    _ => self.add(place, &path, &[4, 4, index], "type"),
                }
            }
        }
    }

    fn proxy(&mut self, place: &Place<'_>) {
        self.unknown(
            place,
            &["type", "address", "port", "username", "user", "password"],
        );
        self.key(
            place,
            1,
            "type",
            false,
            "T",
            |it| matches!(it, Tree::Text(text) if text == "http"),
        );
        self.key(
            place,
            2,
            "address",
            true,
            "T",
            |it| matches!(it, Tree::Text(text) if is_address(text)),
        );
        self.key(place, 3, "port", true, "I", |it| {
            matches!(it, Tree::Integer(1..=0xFFFF))
        });
        for key in ["username", "user"] {
            self.key(
                place,
                4,
                key,
                false,
                "T",
                |it| matches!(it, Tree::Text(text) if text.len() <= 32 && is_carried(text, ":")),
            );
        }
        if !place.all("username").is_empty() && !place.all("user").is_empty() {
            self.add(place, "username", &[4], "duplicate");
        }
        self.key(place, 5, "password", false, "TB", |it| match it {
            Tree::Blob(blob) => (1..=80).contains(&blob.len()),
            Tree::Text(text) => text.len() <= 32 && is_carried(text, ""),
            _ => true,
        });
        let names = ["username", "user"].map(|key| place.text(key).unwrap_or_default());
        let password = place.all("password").first().map_or(0, |it| length(it));
        if names == ["", ""] && password > 0 {
            self.add(place, "password", &[5, 4], "value");
        }
    }
}

/// Whether a key in plaintext, or none, is one for this security.
fn goes_with(security: &str, key: &str) -> bool {
    let count = key.len();
    let digits = key.chars().all(|c| c.is_ascii_hexdigit());
    let speakable = key.chars().all(|c| !c.is_control());
    let phrase = |least| (least..64).contains(&count) && speakable;
    match security {
        "open" => key.is_empty(),
        "wep" => [5, 13].contains(&count) || [10, 26].contains(&count) && digits,
        "wpa2" => phrase(8) || count == 64 && digits,
        "wpa3" => phrase(1),
        _ => key.is_empty() || phrase(8) || count == 64 && digits,
    }
}

/// The bytes of an address such as `02:00:5e:00:53:01`.
fn address_of(text: &str) -> Option<Vec<u8>> {
    let separator = if text.contains(':') { ':' } else { '-' };
    let parts = text.split(separator).map(|part| {
        let digits = part.len() == 2 && part.chars().all(|c| c.is_ascii_hexdigit());
        digits.then(|| u8::from_str_radix(part, 16).unwrap())
    });
    parts.collect()
}

fn is_access_point(address: &[u8]) -> bool {
    address.len() == 6 && address.iter().any(|byte| *byte != 0) && address[0].is_multiple_of(2)
}

fn letter(tree: &Tree) -> char {
    match tree {
        Tree::Null => 'N',
        Tree::Boolean(_) => 'Y',
        Tree::Integer(_) => 'I',
        Tree::Text(_) => 'T',
        Tree::Blob(_) => 'B',
        Tree::List(_) => 'L',
        Tree::Table(_) => 't',
    }
}

fn length(tree: &Tree) -> usize {
    match tree {
        Tree::Text(text) => text.len(),
        Tree::Blob(bytes) => bytes.len(),
        _ => 0,
    }
}

fn medium(name: &str) -> Option<char> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    match (stem, name.len() - stem.len()) {
        ("wifi", 0) | ("wl", 1) => Some('w'),
        ("ethernet", 0) | ("eth", 1) => Some('e'),
        ("cell", 0 | 1) => Some('c'),
        _ => (name == "wl0i").then_some('w'),
    }
}

fn is_unicast(it: Ipv4Addr) -> bool {
    !it.is_unspecified() && !it.is_multicast() && it.octets()[0] < 240
}

/// Whether RFC 7617 can carry the text, which must not have these characters either.
fn is_carried(text: &str, barred: &str) -> bool {
    text.chars().all(|c| !c.is_control() && !barred.contains(c))
}

fn is_address(text: &str) -> bool {
    if text.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    let labels: Vec<&str> = text.split('.').collect();
    text.len() <= 64
        && labels.iter().all(|label| {
            (1..64).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|c| matches!(c, '-' | '_') || c.is_ascii_alphanumeric())
        })
        && labels
            .last()
            .is_some_and(|it| !it.bytes().all(|c| c.is_ascii_digit()))
}
