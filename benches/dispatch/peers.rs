//! Wi-Fi's life once more: as a plain match, in smlang, and in statig.
//!
//! The same states, events and transitions as a manager goes through where there is a network to
//! join and its address comes by DHCP. WIFI_LINK_UP is left out: nothing rests there.

/// Declares the events, for all of the peers.
macro_rules! events {
    ($($event:ident)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event {
            $($event,)*
        }

        impl Event {
            pub const ALL: &[Self] = &[$(Self::$event,)*];

            /// The same for smlang, which declares its own.
            pub const fn in_smlang(self) -> in_smlang::Events {
                match self {
                    $(Self::$event => in_smlang::Events::$event,)*
                }
            }
        }
    };
}

events! {
    Start Stop Ready WpsStarted NetworkFound NetworkNotFound Joined WrongKey JoinRejected LinkLost
    Lease LeaseRefused LeaseLost Fault DeadlinePassed RetryDue Stable
}

pub mod matched {
    use super::Event;
    use crate::book::Book;

    #[derive(Clone, Copy)]
    pub enum State {
        Unknown,
        Starting,
        Scanning,
        Joining,
        Wpsing,
        Dhcping,
        Connected,
        Stopped,
        Unhappy,
    }

    #[derive(Clone)]
    pub struct Matched {
        pub state: State,
        pub book: Book,
    }

    impl Matched {
        pub const fn new() -> Self {
            Self {
                state: State::Unknown,
                book: Book::new(),
            }
        }

        #[rustfmt::skip]
        pub fn take(&mut self, now: u64, event: Event) {
            use Event::*;
            use State::*;
            let spans = &self.book.spans;
            let (state, span) = match self.state {
                Unknown => match event {
                    Start => (Starting, spans.start),
                    _ => return,
                },
                Starting => match event {
                    Stop => return self.close(),
                    Ready => (Scanning, spans.scan),
                    WpsStarted => (Wpsing, spans.wps),
                    Fault | DeadlinePassed => (Unhappy, spans.retry),
                    _ => return,
                },
                Scanning => match event {
                    Stop => return self.close(),
                    WpsStarted => (Wpsing, spans.wps),
                    NetworkFound => (Joining, spans.join),
                    NetworkNotFound | DeadlinePassed => (Stopped, spans.retry),
                    Fault => (Unhappy, spans.retry),
                    _ => return,
                },
                Joining => match event {
                    Stop => return self.close(),
                    WpsStarted => (Wpsing, spans.wps),
                    Joined => (Dhcping, spans.dhcp),
                    WrongKey | JoinRejected | LinkLost | DeadlinePassed => (Stopped, spans.retry),
                    Fault => (Unhappy, spans.retry),
                    _ => return,
                },
                Wpsing => match event {
                    Stop => return self.close(),
                    Joined => (Dhcping, spans.dhcp),
                    WrongKey | JoinRejected | LinkLost | DeadlinePassed => (Stopped, spans.retry),
                    Fault => (Unhappy, spans.retry),
                    _ => return,
                },
                Dhcping => match event {
                    Stop => return self.close(),
                    WrongKey | JoinRejected | LinkLost => (Scanning, spans.scan),
                    Lease => (Connected, spans.stable),
                    LeaseRefused | DeadlinePassed => (Stopped, spans.retry),
                    Fault => (Unhappy, spans.retry),
                    _ => return,
                },
                Connected => match event {
                    Stop => return self.close(),
                    WrongKey | JoinRejected | LinkLost => (Scanning, spans.scan),
                    Lease => return self.book.count(),
                    LeaseRefused | LeaseLost => (Dhcping, spans.dhcp),
                    Fault => (Unhappy, spans.retry),
                    Stable => return self.book.disarm(),
                    _ => return,
                },
                Stopped | Unhappy => match event {
                    Start | RetryDue => (Starting, spans.start),
                    Stop => return self.close(),
                    _ => return,
                },
            };
            self.state = state;
            self.book.arm(now, span);
        }

        fn close(&mut self) {
            self.state = State::Stopped;
            self.book.disarm();
        }
    }
}

pub mod in_smlang {
    use crate::book::Book;
    use smlang::statemachine;

    statemachine! {
        temporary_context: u64,
        derive_states: [Clone, Copy],
        derive_events: [Clone, Copy],
        transitions: {
            *Unknown | Stopped | Unhappy + Start / start = Starting,

            Starting | Scanning | Joining | Wpsing | Dhcping | Connected | Stopped | Unhappy
                + Stop / disarm = Stopped,

            Starting + Ready / scan = Scanning,
            Starting | Scanning | Joining + WpsStarted / wps = Wpsing,
            Scanning + NetworkFound / join = Joining,
            Scanning + NetworkNotFound / retry = Stopped,
            Joining | Wpsing + Joined / dhcp = Dhcping,

            Joining | Wpsing + WrongKey / retry = Stopped,
            Dhcping | Connected + WrongKey / scan = Scanning,
            Joining | Wpsing + JoinRejected / retry = Stopped,
            Dhcping | Connected + JoinRejected / scan = Scanning,
            Joining | Wpsing + LinkLost / retry = Stopped,
            Dhcping | Connected + LinkLost / scan = Scanning,

            Dhcping + Lease / stable = Connected,
            Connected + Lease / count = Connected,
            Dhcping + LeaseRefused / retry = Stopped,
            Connected + LeaseRefused / dhcp = Dhcping,
            Connected + LeaseLost / dhcp = Dhcping,

            Starting | Scanning | Joining | Wpsing | Dhcping | Connected
                + Fault / retry = Unhappy,

            Starting + DeadlinePassed / retry = Unhappy,
            Scanning | Joining | Wpsing | Dhcping + DeadlinePassed / retry = Stopped,
            Stopped | Unhappy + RetryDue / start = Starting,
            Connected + Stable / disarm = Connected,
        }
    }

    macro_rules! arming {
        ($($action:ident)*) => {
            $(fn $action(&mut self, now: u64) -> Result<(), ()> {
                self.arm(now, self.spans.$action);
                Ok(())
            })*
        };
    }

    impl StateMachineContext for Book {
        arming!(start scan join wps dhcp stable retry);

        fn disarm(&mut self, _: u64) -> Result<(), ()> {
            Self::disarm(self);
            Ok(())
        }

        fn count(&mut self, _: u64) -> Result<(), ()> {
            Self::count(self);
            Ok(())
        }
    }
}

pub mod in_statig {
    use super::Event;
    use super::Event::*;
    use crate::book::Book;
    use statig::prelude::*;

    pub struct Life(pub Book);

    #[state_machine(initial = "State::unknown()", state(derive(Clone, Copy)))]
    impl Life {
        #[state]
        fn unknown(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            match event {
                Start => self.start(*context),
                _ => Super,
            }
        }

        #[state]
        fn starting(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            match event {
                Stop => self.stop(),
                Ready => self.scan(*context),
                WpsStarted => self.wps(*context),
                Fault | DeadlinePassed => self.fail(*context),
                _ => Super,
            }
        }

        #[state]
        fn scanning(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            match event {
                Stop => self.stop(),
                WpsStarted => self.wps(*context),
                NetworkFound => self.join(*context),
                NetworkNotFound | DeadlinePassed => self.retry(*context),
                Fault => self.fail(*context),
                _ => Super,
            }
        }

        #[state]
        fn joining(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            match event {
                WpsStarted => self.wps(*context),
                _ => self.attempt(*context, *event),
            }
        }

        #[state]
        fn wpsing(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            self.attempt(*context, *event)
        }

        #[state]
        fn dhcping(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            match event {
                Stop => self.stop(),
                WrongKey | JoinRejected | LinkLost => self.scan(*context),
                Lease => self.stable(*context),
                LeaseRefused | DeadlinePassed => self.retry(*context),
                Fault => self.fail(*context),
                _ => Super,
            }
        }

        #[state]
        fn connected(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            match event {
                Stop => self.stop(),
                WrongKey | JoinRejected | LinkLost => self.scan(*context),
                Lease => {
                    self.0.count();
                    Handled
                }
                LeaseRefused | LeaseLost => self.dhcp(*context),
                Fault => self.fail(*context),
                Stable => {
                    self.0.disarm();
                    Handled
                }
                _ => Super,
            }
        }

        #[state]
        fn stopped(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            match event {
                Start | RetryDue => self.start(*context),
                Stop => self.stop(),
                _ => Super,
            }
        }

        #[state]
        fn unhappy(&mut self, context: &mut u64, event: &Event) -> Outcome<State> {
            self.stopped(context, event)
        }
    }

    macro_rules! arming {
        ($($span:ident: $state:ident,)*) => {
            impl Life {
                $(fn $span(&mut self, now: u64) -> Outcome<State> {
                    self.0.arm(now, self.0.spans.$span);
                    Transition(State::$state())
                })*
            }
        };
    }

    arming! {
        start: starting,
        scan: scanning,
        join: joining,
        wps: wpsing,
        dhcp: dhcping,
        stable: connected,
        retry: stopped,
    }

    impl Life {
        /// What joining and Wi-Fi Protected Setup have in common.
        fn attempt(&mut self, now: u64, event: Event) -> Outcome<State> {
            match event {
                Stop => self.stop(),
                Joined => self.dhcp(now),
                WrongKey | JoinRejected | LinkLost | DeadlinePassed => self.retry(now),
                Fault => self.fail(now),
                _ => Super,
            }
        }

        fn stop(&mut self) -> Outcome<State> {
            self.0.disarm();
            Transition(State::stopped())
        }

        fn fail(&mut self, now: u64) -> Outcome<State> {
            self.0.arm(now, self.0.spans.retry);
            Transition(State::unhappy())
        }
    }
}
