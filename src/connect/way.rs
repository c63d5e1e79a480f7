//! The ways that a pair of state and event of the server connection can go: on which condition, with
//! what command and timers.

use super::table::ServerEffect;
use super::{ServerState, ServerStep, ServerTimer, ServerTransition};

/// On what it depends which way an event of the server connection leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerGuard {
    /// On nothing.
    Always,
    /// The interface whose turn it is has to come up first.
    InterfaceDown,
    /// The interface whose turn it is is CONNECTED.
    InterfaceUp,
    /// A spread puts the first server call off (CON-18).
    PutOff,
    /// There is a proxy in front of the server.
    HasProxy,
    /// There is no proxy in front of the server.
    WithoutProxy,
    /// It is tried on at once, over an interface that has to come up: another one of the route
    /// (CON-14), or one that is on its way already (CON-12, CON-21).
    TriesOn,
    /// It is tried again after a wait: nobody waits for a result, or the policy gives nothing up.
    TriesAgain,
    /// The policy gives up: a request has failed, the grace is over, or the settings were given.
    GivesUp,
    /// The connection has lasted for its stability time.
    Stable,
    /// The wait does not end yet: it was cut short before, or is no pause (CON-19).
    WaitsOn,
}

/// One of the ways that a pair of state and event of the server connection can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerWay {
    state: ServerState,
    target: ServerState,
    guard: ServerGuard,
}

impl ServerWay {
    /// The state that it leads to.
    #[must_use]
    pub const fn target(&self) -> ServerState {
        self.target
    }

    /// On which condition it is taken.
    #[must_use]
    pub const fn guard(&self) -> ServerGuard {
        self.guard
    }

    /// The step that begins: its command is issued.
    #[must_use]
    pub const fn step(&self) -> Option<ServerStep> {
        match self.target {
            ServerState::Resolving => Some(ServerStep::Resolve),
            ServerState::ReachingProxy => Some(ServerStep::Proxy),
            ServerState::Connecting => Some(ServerStep::Connect),
            ServerState::Disconnected
            | ServerState::WaitingForInterface
            | ServerState::Connected
            | ServerState::Flushing
            | ServerState::Waiting => None,
        }
    }

    /// Whether a command to disconnect comes before any other, because a step or a connection is dropped.
    #[must_use]
    pub const fn disconnects(&self) -> bool {
        let has_begun = self.state.reaches_server()
            || matches!(self.state, ServerState::Connected | ServerState::Flushing);
        // Each step goes on with the one before it, but the first.
        let goes_on = matches!(
            self.target,
            ServerState::ReachingProxy
                | ServerState::Connecting
                | ServerState::Connected
                | ServerState::Flushing
        );
        has_begun && !goes_on
    }

    /// The timers of the state that it leads to. Which of them is armed depends on why the
    /// connection is tried; none is where a try that goes on for ever waits for its interface
    /// (CON-21).
    #[must_use]
    pub const fn timers(&self) -> &'static [ServerTimer] {
        match self.target {
            ServerState::Disconnected => &[],
            ServerState::WaitingForInterface
            | ServerState::Resolving
            | ServerState::ReachingProxy
            | ServerState::Connecting => &[ServerTimer::Attempt, ServerTimer::Round],
            ServerState::Connected => &[ServerTimer::Stability, ServerTimer::Alive],
            ServerState::Flushing => &[ServerTimer::Flush],
            ServerState::Waiting => &[ServerTimer::Retry, ServerTimer::Round, ServerTimer::Pause],
        }
    }
}

impl ServerTransition {
    /// The ways that it can go, each with its condition, command and timers: one for each target.
    ///
    /// ```
    /// use lankeeper::ServerState;
    /// use lankeeper::connect::{
    ///     ServerGuard, ServerStep, ServerTimer, ServerTrigger, server_transitions,
    /// };
    ///
    /// let resolved = server_transitions()
    ///     .find(|pair| (pair.state(), pair.trigger()) == (ServerState::Resolving, ServerTrigger::Resolved))
    ///     .unwrap();
    /// let ways: Vec<_> = resolved.ways().collect();
    /// assert_eq!(ways[0].guard(), ServerGuard::HasProxy);
    /// assert_eq!(ways[0].step(), Some(ServerStep::Proxy));
    /// assert_eq!(ways[1].target(), ServerState::Connecting);
    /// assert!(ways[1].timers().contains(&ServerTimer::Attempt));
    /// assert!(!ways[1].disconnects());
    /// ```
    pub fn ways(&self) -> impl Iterator<Item = ServerWay> + use<> {
        let pair = *self;
        pair.targets().map(move |target| ServerWay {
            state: pair.state(),
            target,
            guard: pair.guard(target),
        })
    }

    /// On which condition this target is reached.
    const fn guard(&self, target: ServerState) -> ServerGuard {
        use ServerEffect as E;
        use ServerState as S;
        let Some(effect) = self.effect() else {
            return ServerGuard::Always;
        };
        match (effect, target) {
            (E::Enter(_) | E::Succeed | E::Drop | E::LetGo | E::Live | E::Trust, _) => {
                ServerGuard::Always
            }
            (E::Proceed, S::ReachingProxy) => ServerGuard::HasProxy,
            (E::Proceed, _) => ServerGuard::WithoutProxy,
            (E::Begin, S::Waiting) => ServerGuard::PutOff,
            (E::Hasten | E::HastenRound, S::Waiting) => ServerGuard::WaitsOn,
            (E::Renew, S::WaitingForInterface | S::Resolving) => ServerGuard::Stable,
            (
                E::Begin | E::Retry | E::RetryNow | E::Hasten | E::HastenRound,
                S::WaitingForInterface,
            ) => ServerGuard::InterfaceDown,
            (E::Begin | E::Retry | E::RetryNow | E::Hasten | E::HastenRound, _) => {
                ServerGuard::InterfaceUp
            }
            // A failure or a loss.
            (_, S::WaitingForInterface) => ServerGuard::TriesOn,
            (_, S::Waiting) => ServerGuard::TriesAgain,
            (_, _) => ServerGuard::GivesUp,
        }
    }
}
