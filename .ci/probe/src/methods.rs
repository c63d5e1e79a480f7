//! The one list of what a manager can be asked.

/// Hands every method of a manager to the macro `$then`, with arguments that the optimiser knows
/// nothing about: some are drawn from `with`, the program's `Arguments`. `.ci/size` measures them,
/// `.ci/no-panic` calls each, and finds one that is missing here.
macro_rules! methods {
    ($then:ident!) => {
        $then! { with:
            handle_event(instant(), any(Event::PersistFailed { code: 1 })),
            handle_timeout(instant()),
            poll_output(),
            poll_command(),
            poll_notice(),
            poll_at(),

            open(instant(), &any(with.nic.clone())),
            close(instant(), any(with.handle)),
            retry(instant(), any(with.handle)),
            set_enabled(instant(), id(), any(true)),
            interface(any(with.handle)),
            state(id()),
            reason(id()),
            loss(id()),
            ip_config(id()),
            ignored(id()),
            snapshot(),

            udp_open(instant(), any(with.handle), any(Some(1024))),
            udp_set_receiving(instant(), any(with.socket), any(true)),
            udp_close(instant(), any(with.socket)),
            udp_port(any(with.socket)),
            udp_tokens(instant()),
            udp_socket_tokens(instant(), any(with.socket)),
            udp_drops(),

            connect(instant(), any(Some(Span::MIN))),
            connect_with(instant(), &any(with.nic.clone()), any(Some(Span::MIN))),
            disconnect(instant(), any(Some(Span::MIN))),
            server_call(instant()),
            woke(instant()),
            set_policy(instant(), any(Policy::ReturnOnError)),
            set_server_order(instant(), any([InterfaceId::WIFI].as_slice())),
            server_order(),
            policy(),
            server_state(),
            server_interface(),
            server_ignored(),

            store_wifi(instant(), any(with.wifi.clone())),
            store_static(instant(), any(with.ip)),
            store_proxy(instant(), any(with.proxy.clone())),
            clear_stored(instant(), any(StoredParts::all())),
            stored(),
            current_config();

            // Not measured with the others: the same requests by another way, for replays; what only
            // a device with stored settings needs, see `whole`; and a generic one, see `send`.
            handle_input(instant(), any(Input::Timeout)),
            load_stored(bytes()),
            udp_send(instant(), any(with.socket), any(Target::Text("")), any(1), bytes()),
        }
    };
}

pub(crate) use methods;
