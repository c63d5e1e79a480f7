//! Stored settings: what they do to the interfaces that use them (CFG-1, OPEN-5, OPEN-8).

use lankeeper::Cause;
use lankeeper::stored::{StoredParts, StoredSettings};

use super::book::Book;
use super::operation::stored::StoreOp;
use super::port::{About, Port};
use super::server::Does;
use super::settings::{Given, network_of, proxy_of};
use super::walk::Walk;

impl Port {
    /// Whether it would run with something else if it began now.
    pub(crate) fn has_news(&self) -> bool {
        let now = self.would_run_with(&self.given);
        self.uses.as_ref().is_some_and(|uses| *uses != now)
    }

    /// Other settings end a back-off at once; another network takes the try down to the scan (OPEN-8).
    pub(crate) fn look_at_news(&mut self, book: &mut Book, now: u64) {
        if self.about != About::Rest || !self.is_held() || !self.has_news() {
            return;
        }
        book.rule("OPEN-8");
        let (network, _) = self.would_run_with(&self.given);
        let is_other = self.uses.as_ref().is_some_and(|uses| uses.0 != network);
        if is_other && (self.from != "power" || self.wps) {
            let runs = self.runs.iter().any(|one| one.0 != "power up");
            if runs || self.why.is_some_and(|why| why.0 == Cause::NoCredentials) {
                self.say(book, "stop", "");
            }
            self.from = "scan";
            (self.noted, self.wps, self.held) = (None, false, None);
            // The failures were those of the former network.
            (self.failed, self.cycle_due, self.wrong_keys) = (0, false, 0);
        }
        let lacks_network = self.why.is_some_and(|why| why.0 == Cause::NoCredentials);
        if lacks_network && network.is_none() {
            // Another try would end as this one did.
            self.uses = Some(self.would_run_with(&self.given));
        } else if !self.is_manual() {
            self.request(book, now);
        }
    }

    /// Uses the stored settings now.
    fn reapply(&mut self, book: &mut Book, now: u64) {
        // A radio that was given its network has nothing of the stored settings (OPEN-5).
        if !self.is_held() || (self.place == 1 && self.given.network.is_some()) {
            return;
        }
        match self.about {
            About::Rest => {
                book.rule("OPEN-8 reapply");
                self.look_at_news(book, now);
                if self.about == About::Rest {
                    self.request(book, now);
                }
            }
            About::Nothing | About::Step("power" | "wps", _) => {}
            _ if !self.has_news() => {}
            _ => {
                book.rule("OPEN-8 anew");
                self.was_stable(book, now);
                self.say(book, "stop", "");
                self.say(book, "power down", "");
                self.held = None;
                self.forget_waits();
                self.about = About::Rest;
                (self.failed, self.cycle_due, self.conflict) = (0, false, 0);
                (self.wrong_keys, self.silent_dials) = (0, 0);
                let state = self.stopped_state();
                self.turn(book, state, Some((Cause::Switched, None, None)));
                self.begin(book, now, "power", None);
            }
        }
    }
}

impl<const H: usize, const N: usize> Walk<H, N> {
    pub(crate) fn store_op(&mut self, op: StoreOp) {
        let stored = op.stores(&self.server.times.stored);
        if self.is_avoided(op) {
            return;
        }
        let at = self.at();
        match op {
            StoreOp::Network(_) => {
                let network = stored.network.as_deref().unwrap();
                self.manager.store_wifi(at, &network_of(network));
            }
            StoreOp::Address(_) => self.manager.store_static(at, stored.ip.unwrap()),
            StoreOp::Proxy(_) => {
                let proxy = stored.proxy.as_deref().unwrap();
                self.manager.store_proxy(at, &proxy_of(proxy));
            }
            StoreOp::Clear(flags) => {
                let parts = StoredParts::from_bits(flags).unwrap();
                self.manager.clear_stored(at, parts);
            }
            StoreOp::Reapply => self.manager.reapply(at),
            StoreOp::Provision(_) => self.manager.provision(at, &settings_of(&stored)),
        }
        if stored != self.server.times.stored {
            self.book.rule("CFG-1");
        }
        self.server.times.stored = stored.clone();
        let is_used = matches!(op, StoreOp::Reapply | StoreOp::Provision(_));
        for port in &mut self.ports {
            port.stored = stored.clone();
            if matches!(port.about, About::Step("power", _)) {
                port.uses = Some(port.would_run_with(&port.given));
            }
            if is_used {
                port.reapply(&mut self.book, self.now);
            } else {
                port.look_at_news(&mut self.book, self.now);
            }
        }
        if matches!(op, StoreOp::Provision(_)) {
            self.book.notify("Provisioned".to_owned());
        }
        self.hear();
    }

    /// Not modelled: what a server connection does then, and a network that WPS brought.
    fn is_avoided(&self, op: StoreOp) -> bool {
        let radio = &self.ports[1];
        let is_wps = radio.by_wps || matches!(radio.about, About::Step("wps", _));
        // A command that was not taken yet has begun nothing: the rules do not say so.
        let is_begun = self.book.commands.is_empty();
        let is_used = matches!(op, StoreOp::Reapply | StoreOp::Provision(_));
        self.server.does != Does::Nothing || (is_used && (is_wps || !is_begun))
    }

    /// The backend keeps the stored settings (CFG-1).
    pub(crate) fn compare_persisted(&self) {
        let stored = settings_of(&self.server.times.stored);
        let is_saved = self.persisted.is_some();
        let kept = self.persisted.clone().unwrap_or_default();
        assert_eq!(kept, stored, "CFG-1\n{}", self.story());
        let shown = self.manager.is_persisted();
        assert_eq!(shown, is_saved, "CON-26\n{}", self.story());
    }

    pub(crate) fn compare_stored(&self) {
        let stored = settings_of(&self.server.times.stored);
        assert_eq!(*self.manager.stored(), stored, "CFG-1\n{}", self.story());
    }
}

pub(crate) fn settings_of(given: &Given) -> StoredSettings {
    let mut settings = StoredSettings::default();
    settings.wifi = given.network.as_deref().map(network_of);
    settings.ip_config = given.ip;
    settings.proxy = given.proxy.as_deref().map(proxy_of);
    settings
}
