//! Random walks: requests and changes of the world in any order, and what must hold all the time.

use std::collections::BTreeMap;

use lankeeper::manager::{ConnectError, OpenError, Reconfigure, ServerCall, Snapshot};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{
    Handle, InterfaceId, Lease, Medium, Nic, Policy, Recovery, Report, ServerState, Span, State,
};

use super::pace::{Pace, tiny};
use super::rig::{Health, Rig, Server, config};
use super::told::Told;
use super::{MINUTE, POLICIES, address, named, network, proxy};
use crate::support::dice::Dice;

/// A device on its way, and what the application knows.
pub(super) struct Walk<const N: usize> {
    rig: Rig<N>,
    ids: [InterfaceId; N],
    pace: Pace,
    focus: InterfaceId,
    dice: Dice,
    handles: Vec<(Handle, InterfaceId)>,
    allows_equal: bool,
    selected: Option<InterfaceId>,
    told: Told,
    with_proxies: bool,
    /// The rules that were broken, and how that came.
    pub(super) broken: BTreeMap<String, String>,
}

impl<const N: usize> Walk<N> {
    pub(super) fn new(ids: [InterfaceId; N], pace: Pace, policy: Policy, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut config = config(ids);
        config.policy = policy;
        config.seed = seed;
        let allows_equal = dice.percent(50);
        if allows_equal {
            config.reconfigure = Reconfigure::AllowEqual;
        }
        match pace {
            Pace::Default => {
                config.spread = dice.percent(25).then(|| Span::from_secs(10)).flatten();
            }
            Pace::Tiny => tiny(&mut config, &mut dice),
        }
        if pace == Pace::Default && dice.percent(20) {
            config.interfaces[0].recovery = Recovery::Manual;
        }
        let mut rig = Rig::with(&config);
        rig.delay = match pace {
            Pace::Default => dice.one_of(&[0, 0, 20, 700, 4_000]),
            Pace::Tiny => dice.one_of(&[0, 0, 1, 2]),
        };
        Self {
            rig,
            ids,
            pace,
            focus: dice.one_of(&ids),
            handles: Vec::new(),
            allows_equal,
            selected: None,
            told: Told::new(pace == Pace::Tiny),
            with_proxies: dice.percent(50),
            broken: BTreeMap::new(),
            dice,
        }
    }

    /// Any interface; often the same one, so that one thing follows another.
    fn id(&mut self) -> InterfaceId {
        match self.dice.percent(40) {
            true => self.focus,
            false => self.dice.one_of(&self.ids),
        }
    }

    fn nic(&mut self, extended: bool) -> Nic {
        let id = self.id();
        let name = match self.dice.percent(50) {
            true => id.to_string(),
            false if id.number() != 0 => id.to_string(),
            false => match id.medium() {
                Medium::Ethernet => "ethernet".to_owned(),
                Medium::Wifi => "wifi".to_owned(),
                Medium::Cellular => "cell".to_owned(),
            },
        };
        if !extended || id.medium() == Medium::Cellular {
            return named(&name);
        }
        let mut builder = Nic::builder(&name);
        if id.medium() == Medium::Wifi && self.dice.percent(80) {
            builder = builder.wifi(network(self.dice.one_of(&["cafe", "home", "shed"])));
        }
        if self.dice.percent(40) {
            builder = builder.ip_config(address(self.dice.one_of(&[7, 9])));
        }
        if self.with_proxies && self.dice.percent(30) {
            builder = builder.proxy(proxy(self.dice.one_of(&["10.1.1.1", "10.1.1.2"])));
        }
        builder.build().unwrap()
    }

    /// The handles that are still good.
    fn live(&mut self) -> Vec<(Handle, InterfaceId)> {
        let manager = &self.rig.manager;
        let is_live = |(handle, _): &&(Handle, InterfaceId)| manager.interface(*handle).is_ok();
        self.handles.iter().filter(is_live).copied().collect()
    }

    /// Notes that a rule was broken, with the story of the first time; the walk goes on.
    fn fail(&mut self, rule: &str) {
        let key = rule.split_once(')').map_or(rule, |(key, _)| key).to_owned();
        let story = self.rig.story();
        self.broken
            .entry(key)
            .or_insert_with(|| format!("{rule}\n{story}"));
    }

    /// One request or change, and what must hold after it.
    pub(super) fn step(&mut self) {
        let before = self.live();
        let held = self.ids.map(|id| self.rig.snapshot(id));
        self.rig.forget_commands();
        let closes = self.act();
        let after = self.live();
        for (handle, id) in before {
            let is_live = after.iter().any(|(one, _)| *one == handle);
            let snapshot = held.iter().find(|one| one.interface == id).unwrap();
            match closes {
                _ if is_live => {}
                Closes::Handle(closed) if closed == handle => {}
                Closes::Interface(closed) if closed == id => {}
                Closes::Held if snapshot.server_holder => {}
                _ => self.fail(&format!("a handle of {id} went stale ({closes:?}) (CON-7)")),
            }
        }
        if closes == Closes::Held {
            for one in held {
                let stays = !one.server_holder && one.local_holders > 0;
                let now = self.rig.snapshot(one.interface);
                if stays && !now.server_holder && now.state != one.state {
                    self.fail(&format!("{} was touched (CON-7)", one.interface));
                }
            }
        }
        self.check();
    }

    fn check(&mut self) {
        let notices = self.rig.notices();
        for rule in self.told.take(&self.rig, &notices) {
            self.fail(&rule);
        }
    }

    fn act(&mut self) -> Closes {
        match self.dice.below(100) {
            0..=29 => self.wait(),
            30..=36 => return self.connect(),
            37..=45 => return self.connect_with(),
            46..=53 => self.open(),
            54..=57 => {
                if let Some((handle, _)) = self.any_handle() {
                    self.rig
                        .request("close", |manager, now| manager.close(now, handle));
                    return Closes::Handle(handle);
                }
            }
            58..=60 => {
                let flush = self.dice.percent(30).then(|| Span::from_secs(2)).flatten();
                let what = format!("disconnect {flush:?}");
                self.rig
                    .request(&what, |manager, now| manager.disconnect(now, flush));
                self.told.disconnected();
            }
            61..=63 => {
                let id = self.id();
                self.rig.enable(id, false);
                self.told.disabled();
                return Closes::Interface(id);
            }
            64..=68 => {
                let id = self.id();
                self.rig.enable(id, true);
            }
            69..=71 => self.order(),
            72..=73 => {
                let policy = self.dice.one_of(&POLICIES);
                self.rig.policy(policy);
            }
            74..=78 => self.store(),
            79 => {
                if let Some((handle, _)) = self.any_handle() {
                    let retry = |manager: &mut lankeeper::Manager<N, 8, 4, 256, N>, now| {
                        manager.retry(now, handle)
                    };
                    let _ = self.rig.request("retry", retry);
                }
            }
            80..=83 => self.call(),
            84..=89 => {
                let (id, health) = (self.id(), self.health());
                self.rig.set_health(id, health);
            }
            90..=94 => {
                let (id, server) = (self.id(), self.server());
                self.rig.server.insert(id, server);
                if self.dice.percent(50) {
                    self.rig.lose_server();
                }
            }
            95..=96 => self.rig.lose_server(),
            97 => self
                .rig
                .request("wake", |manager, now| manager.note_wake(now)),
            _ => self.renumber(),
        }
        Closes::Nothing
    }

    fn health(&mut self) -> Health {
        self.dice.one_of(&[
            Health::Good,
            Health::Good,
            Health::Dead,
            Health::Silent,
            Health::Slow,
        ])
    }

    fn server(&mut self) -> Server {
        self.dice.one_of(&[
            Server::Answers,
            Server::Answers,
            Server::Refuses,
            Server::Silent,
        ])
    }

    fn wait(&mut self) {
        if self.dice.percent(50) {
            for _ in 0..self.dice.below(6) {
                if self.rig.next().is_some() {
                    self.rig.step();
                    self.check();
                }
            }
            return;
        }
        let millis = match self.pace {
            Pace::Default => {
                let choices = [1, 10, 500, 1_000, 5_000, 30_000, 60_000, 300_000, 600_000];
                self.dice.one_of(&choices)
            }
            Pace::Tiny => 1 + self.dice.below(25),
        };
        let end = super::after(self.rig.now, millis);
        // Step by step, so that what is told is held against what is.
        let mut steps = 0;
        while self.rig.next().is_some_and(|next| next <= end) {
            self.rig.step();
            self.check();
            steps += 1;
            if steps > 20_000 {
                self.fail("it spins");
            }
        }
        self.rig.pass_to(end);
        self.check();
    }

    fn any_handle(&mut self) -> Option<(Handle, InterfaceId)> {
        let live = self.live();
        (!live.is_empty()).then(|| self.dice.one_of(&live))
    }

    fn connect(&mut self) -> Closes {
        let order: Vec<_> = self.rig.manager.server_order().to_vec();
        let begun = self.rig.connect();
        let is_enabled = |id: &InterfaceId| self.rig.snapshot(*id).enabled;
        let can = order.iter().any(is_enabled) || self.selected.as_ref().is_some_and(is_enabled);
        match begun {
            Ok(attempt) => self.told.began(attempt, self.rig.now),
            Err(ConnectError::NothingToTry) if !can => {}
            Err(other) => self.fail(&format!("connect gave {other:?} (CON-23)")),
        }
        Closes::Held
    }

    fn connect_with(&mut self) -> Closes {
        let extended = self.dice.percent(50);
        let nic = self.nic(extended);
        let id = nic.name().resolve(self.ids).unwrap();
        let before = self.rig.snapshot(id);
        let suspends = self.rig.manager.policy() == Policy::SuspendOnError;
        let begun = self.rig.connect_with(&nic);
        let local_only = before.local_holders > 0 && !before.server_holder;
        let over_local = local_only && !nic.is_name_only();
        let equal = self.equals(&nic, &before);
        match begun {
            Ok(_) if suspends => self.fail("connect_with under SuspendOnError (CON-1)"),
            Ok(_) if !before.enabled => self.fail("connect_with over a disabled one (OPEN-2)"),
            Ok(attempt) => {
                if over_local && equal == Some(false) {
                    self.fail("other settings over a local interface were taken (OPEN-9)");
                }
                if nic.is_name_only() {
                    self.selected = Some(id);
                }
                self.told.began(attempt, self.rig.now);
                return Closes::Held;
            }
            Err(ConnectError::Suspends) if suspends => {}
            Err(ConnectError::Interface(_)) if !before.enabled => {}
            Err(ConnectError::Active) if over_local => {
                if equal == Some(true) && !self.with_proxies {
                    self.fail("the settings in use were refused for a connection (OPEN-9)");
                }
            }
            Err(other) => self.fail(&format!("connect_with gave {other:?}")),
        }
        if !self.rig.peek().is_empty() {
            self.fail("a refused request began something (CON-1, OPEN-2, OPEN-3)");
        }
        Closes::Nothing
    }

    /// Whether the network and the address of a NIC are those with which its interface runs; nothing
    /// is known of one that is not up.
    fn equals(&self, nic: &Nic, before: &Snapshot) -> Option<bool> {
        if before.state != State::Connected {
            return None;
        }
        let runs = self.rig.runs(before.interface);
        let stored = self.rig.manager.stored().wifi.as_ref();
        let wifi = nic.wifi().or(stored);
        if before.interface.medium() == Medium::Wifi && wifi.is_none() {
            return None;
        }
        let ssid = wifi.map(|wifi| wifi.ssid().escape_ascii().to_string());
        let same_network = before.interface.medium() != Medium::Wifi || ssid == runs.network;
        Some(same_network && nic.ip_config().copied() == runs.ip)
    }

    fn open(&mut self) {
        let extended = self.dice.percent(40);
        let nic = self.nic(extended);
        let id = nic.name().resolve(self.ids).unwrap();
        let before = self.rig.snapshot(id);
        let held = before.local_holders > 0 || before.server_holder;
        let full = self.live().len() == 8;
        let extended = held && !nic.is_name_only();
        let equal = self.equals(&nic, &before);
        match self.rig.open(&nic) {
            Ok(_) if !before.enabled => self.fail("a disabled interface was opened (OPEN-2)"),
            Ok(handle) => {
                self.handles.push((handle, id));
                if extended && !self.allows_equal {
                    self.fail("opened with settings while it was held (OPEN-3)");
                }
                if extended && equal == Some(false) {
                    self.fail("opened with other settings than those in use (OPEN-9)");
                }
                return;
            }
            Err(OpenError::Active) if extended && self.allows_equal && equal == Some(true) => {
                if !self.with_proxies {
                    self.fail("the settings in use were refused (OPEN-9)");
                }
            }
            Err(OpenError::Interface(_)) if !before.enabled => {}
            Err(OpenError::Active) if extended => {}
            Err(OpenError::TooMany(_)) if full => {}
            Err(other) => self.fail(&format!("open gave {other:?}")),
        }
        if !self.rig.peek().is_empty() {
            self.fail("an open that was refused began something (OPEN-2, OPEN-3)");
        }
    }

    fn order(&mut self) {
        let mut order = Vec::new();
        for _ in 0..self.dice.below(4) {
            let id = self.id();
            if !order.contains(&id) {
                order.push(id);
            }
        }
        self.rig.order(&order);
    }

    fn store(&mut self) {
        let ssid = self.dice.one_of(&["home", "work"]);
        let parts = StoredParts::from_bits_truncate(u8::try_from(self.dice.below(8)).unwrap());
        match self.dice.below(6) {
            0 | 1 => self.rig.request("store wifi", |manager, now| {
                manager.store_wifi(now, &network(ssid));
            }),
            2 => self.rig.request("store static", |manager, now| {
                manager.store_static(now, address(11));
            }),
            3 if self.with_proxies => self.rig.request("store proxy", |manager, now| {
                manager.store_proxy(now, &proxy("10.2.2.2"));
            }),
            4 => {
                let mut settings = StoredSettings::default();
                settings.wifi = Some(network(ssid));
                self.rig.request("provision", |manager, now| {
                    manager.provision(now, &settings)
                });
            }
            _ => self
                .rig
                .request("clear", |manager, now| manager.clear_stored(now, parts)),
        }
        if self.dice.percent(20) {
            self.rig
                .request("reapply", |manager, now| manager.reapply(now));
        }
    }

    fn call(&mut self) {
        let call = self
            .rig
            .request("server call", |manager, now| manager.server_call(now));
        let connected = self.rig.is_connected();
        match call {
            Ok(ServerCall::Connected) if connected => {}
            Ok(ServerCall::Connecting) if !connected => {
                self.told.called();
                let can = self.ids.into_iter().any(|id| self.rig.snapshot(id).enabled);
                let waits = self.rig.next().is_some();
                let order = !self.rig.manager.server_order().is_empty();
                let idle = self.rig.server_state() == ServerState::Disconnected;
                if !waits && can && order && !idle {
                    self.fail("it says connecting and waits for nothing (CON-16)");
                }
            }
            Err(_) if !connected => {}
            other => self.fail(&format!("a server call gave {other:?} (CON-16)")),
        }
    }

    /// The interface gets another address.
    fn renumber(&mut self) {
        let lease = Lease::new([192, 168, 1, 60].into(), 24);
        let id = self.id();
        let (action, report) = match id.medium() {
            Medium::Cellular => ("dial", Report::PppUp(lease)),
            _ => ("start dhcp", Report::Lease(lease)),
        };
        if self.rig.state(id) == State::Connected && self.rig.has_ticket(id, action) {
            self.rig.report(id, action, report);
        }
    }

    /// All is well from now on: what was asked for comes about.
    pub(super) fn heal(&mut self) {
        self.rig.note_heal();
        self.rig.delay = 0;
        self.rig.server_up();
        self.rig.all_good();
        for id in self.ids {
            self.rig.enable(id, true);
        }
        if self.rig.manager.server_order().is_empty() {
            self.rig.order(&self.ids);
        }
        if self.rig.manager.stored().wifi.is_none() {
            self.rig.request("store", |manager, now| {
                manager.store_wifi(now, &network("home"))
            });
        }
        let goes_on = matches!(
            self.rig.manager.policy(),
            Policy::SuspendOnError | Policy::KeepTrying
        );
        let call = self
            .rig
            .request("server call", |manager, now| manager.server_call(now));
        if call.is_ok() {
            let patience = match self.pace {
                Pace::Default => 30 * MINUTE,
                Pace::Tiny => 2_000,
            };
            let _ = self.rig.pass_until(patience, |rig| rig.is_connected());
            let ends = self.rig.server_state();
            if goes_on && !self.rig.is_connected() {
                self.fail(&format!("all is well, and half an hour later it is {ends}"));
            }
        } else if goes_on && self.rig.server_state() != ServerState::Flushing {
            self.fail("a server call was refused (CON-16)");
        }
        self.check();
    }
}

/// Which handles a request may close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closes {
    Nothing,
    Handle(Handle),
    Interface(InterfaceId),
    /// Those of an interface that the server connection holds (CON-6).
    Held,
}
