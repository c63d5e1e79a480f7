//! Ethernet's and cellular's life in smlang: with that of Wi-Fi as much as the three tables.
//! Where an address is static the tables go on to CONNECTED at once; neither side does so here.

macro_rules! arming {
    ($($action:ident)*) => {
        $(fn $action(&mut self, now: u64) -> Result<(), ()> {
            self.arm(now, self.spans.$action);
            Ok(())
        })*

        fn disarm(&mut self, _: u64) -> Result<(), ()> {
            Self::disarm(self);
            Ok(())
        }

        fn count(&mut self, _: u64) -> Result<(), ()> {
            Self::count(self);
            Ok(())
        }
    };
}

pub mod ethernet {
    use crate::book::Book;
    use smlang::statemachine;

    statemachine! {
        temporary_context: u64,
        transitions: {
            *Unknown | Stopped | Unhappy + Start / start = Starting,
            NoLink + Start / link = LinkUp,
            Starting | LinkUp | Dhcping | Connected | Stopped | Unhappy | NoLink
                + Stop / disarm = Stopped,
            Starting + Ready / link = LinkUp,
            LinkUp + CarrierUp / dhcp = Dhcping,
            NoLink + CarrierUp / link = LinkUp,
            LinkUp | Dhcping | Connected + CarrierDown / retry = NoLink,
            Dhcping + Lease / stable = Connected,
            Connected + Lease / count = Connected,
            Dhcping + LeaseRefused / retry = Stopped,
            Connected + LeaseRefused / dhcp = Dhcping,
            Connected + LeaseLost / dhcp = Dhcping,
            Starting | LinkUp | Dhcping | Connected | NoLink + Fault / retry = Unhappy,
            Starting + DeadlinePassed / retry = Unhappy,
            LinkUp + DeadlinePassed / retry = NoLink,
            Dhcping + DeadlinePassed / retry = Stopped,
            Stopped | Unhappy + RetryDue / start = Starting,
            NoLink + RetryDue / link = LinkUp,
            Connected + Stable / disarm = Connected,
        }
    }

    impl StateMachineContext for Book {
        arming!(start link dhcp stable retry);
    }
}

pub mod cellular {
    use crate::book::Book;
    use smlang::statemachine;

    statemachine! {
        temporary_context: u64,
        transitions: {
            *Unknown | Denied | Stopped | Unhappy + Start / start = Starting,
            Starting | Pinging | WaitingForSim | Registering | PppConnecting | Connected | Denied
                | Stopped | Unhappy + Stop / disarm = Stopped,
            Starting + Ready / modem = Pinging,
            Pinging + ModemAlive / sim = WaitingForSim,
            WaitingForSim + SimReady / registration = Registering,
            WaitingForSim | Registering | PppConnecting | Connected
                + SimFailed / retry = Stopped,
            Registering + Registered / ppp = PppConnecting,
            Registering | PppConnecting | Connected + RegistrationDenied / retry = Denied,
            PppConnecting | Connected + RegistrationLost / registration = Registering,
            PppConnecting + PppUp / stable = Connected,
            Connected + PppUp / count = Connected,
            PppConnecting + PppDown / retry = Stopped,
            Connected + PppDown / ppp = PppConnecting,
            Starting | Pinging | WaitingForSim | Registering | PppConnecting | Connected
                + Fault / retry = Unhappy,
            Starting | Pinging + DeadlinePassed / retry = Unhappy,
            WaitingForSim | Registering | PppConnecting + DeadlinePassed / retry = Stopped,
            Denied | Stopped | Unhappy + RetryDue / start = Starting,
            Connected + Stable / disarm = Connected,
        }
    }

    impl StateMachineContext for Book {
        arming!(start modem sim registration ppp stable retry);
    }
}
