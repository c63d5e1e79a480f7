//! The server connection: its goal, its timers, and its commands.

use lankeeper::{
    AttemptId, ConnectOutcome, InterfaceId, Medium, Policy, ProxySettings, ServerReport,
    ServerState, ServerTicket,
};

use super::interface::Timer;
use super::output::ServerTask;

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spans {
    pub(super) wifi: u64,
    pub(super) ethernet: u64,
    pub(super) cellular: u64,
    pub(super) grace: u64,
    pub(super) pause: u64,
    pub(super) spread: Option<u64>,
}

/// The interfaces to try (CON-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Named(InterfaceId),
    /// With settings for this connection only (CFG-2).
    Given(InterfaceId),
    /// Those of the server order, from an index on, and how many are left after it.
    Order {
        place: usize,
        more: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A request.
    Asked,
    /// A connection was lost, and the loss is not reported yet.
    Silent,
    /// The application is suspended.
    Suspended,
}

pub(super) type Failure = (ConnectOutcome, Option<i32>);

/// The goal of the server connection.
#[derive(Clone, Debug)]
pub(super) struct Effort {
    /// The number of the request, where the request has returned it.
    pub(super) id: Option<AttemptId>,
    pub(super) route: Route,
    pub(super) purpose: Purpose,
    pub(super) owes_result: bool,
    /// The interface name for the result; without it, the interface that was tried.
    pub(super) name: Option<&'static str>,
    pub(super) timeout: Option<u64>,
    /// The proxy of given settings.
    pub(super) proxy: Option<ProxySettings>,
    pub(super) failure: Failure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Resolve,
    Proxy,
    Connect,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) spans: Spans,
    pub(super) policy: Policy,
    pub(super) order: Vec<InterfaceId>,
    pub(super) named: Option<InterfaceId>,
    pub(super) called: bool,
    pub(super) suspended: bool,
    pub(super) state: ServerState,
    pub(super) held: Option<InterfaceId>,
    /// The interface that it holds is still to be brought up.
    pub(super) is_to_try: bool,
    /// The interface that was used most recently.
    pub(super) tried: Option<InterfaceId>,
    pub(super) proxy: Option<ProxySettings>,
    /// There in every state but DISCONNECTED.
    pub(super) effort: Option<Effort>,
    /// The end of the attempt, the round or the flush.
    pub(super) until: Option<Timer>,
    /// The begin of an attempt that was put off.
    pub(super) retry: Option<Timer>,
    /// When the connection counts as stable, for the first time or for good.
    pub(super) stable: Option<u64>,
    pub(super) is_stable: bool,
    /// Whether a wait was over since a connection was trusted for good.
    pub(super) has_waited: bool,
    /// The interface of the running command.
    begun: Option<InterfaceId>,
    ends: bool,
    begins: Option<Stage>,
    pub(super) flushes: bool,
    pub(super) live: Option<(ServerTicket, Stage)>,
    /// The newest command to disconnect, unless it is known to have failed.
    pub(super) ended: Option<ServerTicket>,
}

impl Server {
    pub(super) fn new(spans: Spans, present: &[InterfaceId]) -> Self {
        let mut order = Vec::new();
        for medium in [Medium::Ethernet, Medium::Wifi, Medium::Cellular] {
            let mut of_medium: Vec<_> = present.iter().filter(|id| id.medium() == medium).collect();
            of_medium.sort();
            order.extend(of_medium);
        }
        Self {
            spans,
            policy: Policy::SuspendOnError,
            order,
            named: None,
            called: false,
            suspended: false,
            state: ServerState::Disconnected,
            held: None,
            is_to_try: false,
            tried: None,
            proxy: None,
            effort: None,
            until: None,
            retry: None,
            stable: None,
            is_stable: false,
            has_waited: false,
            begun: None,
            ends: false,
            begins: None,
            flushes: false,
            live: None,
            ended: None,
        }
    }

    pub(super) fn timer(&self) -> Option<Timer> {
        match self.state {
            ServerState::Disconnected => None,
            ServerState::Connected => self.stable.map(Timer::At),
            ServerState::Waiting => self.retry,
            _ => self.until,
        }
    }

    /// Whether the begin of an attempt that was put off is still to be observed.
    pub(super) fn is_unseen(&self) -> bool {
        self.state == ServerState::Waiting && matches!(self.retry, Some(Timer::Within(..)))
    }

    /// The begin of an attempt that was put off was observed.
    pub(super) fn see_retry(&mut self, at: u64) {
        assert_within(self.retry, at);
        self.retry = Some(Timer::At(at));
    }

    /// An instant, or somewhat later with a spread (CON-18).
    pub(super) fn put_off(&self, timer: Timer) -> Timer {
        match self.spans.spread {
            Some(spread) => timer.later(1_000, spread),
            None => timer,
        }
    }

    /// The end of a grace or round that begins now (CON-12, CON-13).
    pub(super) fn end_of_grace(&self, now: u64) -> Timer {
        self.put_off(Timer::At(now + self.spans.grace))
    }

    pub(super) fn is_given(&self) -> bool {
        matches!(self.effort, Some(ref effort) if matches!(effort.route, Route::Given(_)))
    }

    pub(super) fn effort(&mut self) -> &mut Effort {
        self.effort.as_mut().expect("something is wanted")
    }

    pub(super) fn default_route(&self) -> Route {
        match self.named {
            Some(id) => Route::Named(id),
            None => self.round(0),
        }
    }

    /// The whole order, cyclically from an index on.
    pub(super) fn round(&self, place: usize) -> Route {
        Route::Order {
            place: place.checked_rem(self.order.len()).unwrap_or(0),
            more: self.order.len().saturating_sub(1),
        }
    }

    pub(super) fn next_after(&self, route: Route) -> Route {
        match route {
            Route::Order { place, .. } => self.round(place + 1),
            other => other,
        }
    }

    pub(super) fn at(&self, route: Route) -> Option<InterfaceId> {
        match route {
            Route::Named(id) | Route::Given(id) => Some(id),
            Route::Order { place, .. } => self.order.get(place).copied(),
        }
    }

    pub(super) fn rest(&self, route: Route) -> Option<Route> {
        let Route::Order { place, more } = route else {
            return None;
        };
        Some(Route::Order {
            place: (place + 1).checked_rem(self.order.len())?,
            more: more.checked_sub(1)?.min(self.order.len()),
        })
    }

    pub(super) fn begin(&mut self, stage: Stage) {
        self.begins = Some(stage);
        self.live = None;
    }

    /// Ends the running command; a command that was never polled needs no stop.
    pub(super) fn end(&mut self) {
        self.begins = None;
        self.flushes = false;
        self.live = None;
        self.ends |= self.begun.is_some();
    }

    pub(super) fn has_orders(&self) -> bool {
        self.ends || self.begins.is_some() || self.flushes
    }

    pub(super) fn take_ending(
        &mut self,
        ticket: Option<ServerTicket>,
    ) -> Option<(InterfaceId, ServerTask)> {
        core::mem::take(&mut self.ends).then(|| {
            self.ended = ticket;
            (self.begun.take().unwrap(), ServerTask::Disconnect)
        })
    }

    pub(super) fn take_beginning(
        &mut self,
        ticket: Option<ServerTicket>,
    ) -> Option<(InterfaceId, ServerTask)> {
        let proxy = self.proxy.clone();
        if let Some(stage) = self.begins.take() {
            let over = self.held.expect("an interface to begin over");
            self.live = ticket.map(|ticket| (ticket, stage));
            self.begun = Some(over);
            let task = match stage {
                Stage::Resolve => ServerTask::Resolve(proxy),
                Stage::Proxy => ServerTask::ReachProxy(proxy.expect("a proxy")),
                Stage::Connect => ServerTask::Connect(proxy),
            };
            return Some((over, task));
        }
        if core::mem::take(&mut self.flushes) {
            let (ticket, _) = self.live.expect("a connection to flush");
            return Some((self.held.unwrap(), ServerTask::Flush(ticket)));
        }
        None
    }

    /// The ticket of the latest command, while it is valid.
    pub(super) fn live(&self) -> Option<ServerTicket> {
        self.live.map(|(ticket, _)| ticket)
    }
}

fn assert_within(timer: Option<Timer>, at: u64) {
    let timer = timer.expect("a timer is armed");
    let (from, to) = (timer.earliest(), timer.latest());
    assert!((from..=to).contains(&at), "{at} not in {from}..={to}");
}

/// Whether this report can answer a command of this stage.
pub(super) fn answers(report: ServerReport, stage: Stage) -> bool {
    match report {
        ServerReport::Resolved | ServerReport::NotResolved { .. } => stage == Stage::Resolve,
        ServerReport::ProxyReached => stage == Stage::Proxy,
        ServerReport::ProxyUnreachable { .. } | ServerReport::ProxyRefused { .. } => {
            stage != Stage::Resolve
        }
        ServerReport::Connected
        | ServerReport::Unreachable { .. }
        | ServerReport::Lost { .. }
        | ServerReport::SendTimedOut { .. }
        | ServerReport::Flushed => stage == Stage::Connect,
        ServerReport::NoConnectivity { .. } | ServerReport::Fault { .. } => true,
        other => panic!("not known: {other:?}"),
    }
}
