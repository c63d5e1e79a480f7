//! Static addressing: `staticconfig`.

use core::net::Ipv4Addr;

use super::field::{Field, read_fields};
use super::quote::Quote;
use super::section::Section;
use super::{Medium, NicError, NicProblem, Table, Value};
use crate::ipv4::{IpConfig, IpConfigError, Prefix, check_usable, parse_dotted_quad};

pub(super) const SECTION: Section = Section {
    key: "staticconfig",
    media: &[Medium::Wifi, Medium::Ethernet],
};
const KEYS: [&str; 4] = ["ip", "netmask", "gateway", "dns"];

/// Reads address settings (NIC-8), each part checked as far as the parts before it allow.
pub(super) fn from_table(table: Table<'_>) -> Result<IpConfig, NicError> {
    let [ip, netmask, gateway, dns] = read_fields(SECTION.key, &KEYS, table)?;
    let at = |problem: IpConfigError| {
        let path = match problem {
            IpConfigError::Unusable | IpConfigError::NotAHost => ip.path(),
            IpConfigError::PrefixLength(_) => netmask.path(),
            IpConfigError::Gateway => gateway.path(),
            IpConfigError::TooManyNameServers(_) => dns.path(),
            IpConfigError::NameServer(index) => &dns.path().item(index),
        };
        path.error(problem.into())
    };

    let address = quad(&ip, ip.required()?)?;
    check_usable(address).map_err(at)?;
    let mask = quad(&netmask, netmask.required()?)?;
    let prefix = Prefix::from_mask(address, mask)
        .map_err(|problem| netmask.path().error(NicProblem::Netmask(problem)))?;
    IpConfig::new(prefix, None, &[]).map_err(at)?;
    let router = optional_quad(&gateway)?;
    let config = IpConfig::new(prefix, router, &[]).map_err(at)?;
    let (first, second) = match dns.optional::<&[Value<'_>]>()? {
        None => return Ok(config),
        Some([first]) => (first, None),
        Some([first, second]) => (first, Some(second)),
        Some(other) => return Err(dns.path().error(NicProblem::NameServers(other.len()))),
    };
    let first = name_server(&dns, 0, first)?;
    let config = IpConfig::new(prefix, router, &[first]).map_err(at)?;
    match second {
        None => Ok(config),
        Some(second) => {
            let second = name_server(&dns, 1, second)?;
            IpConfig::new(prefix, router, &[first, second]).map_err(at)
        }
    }
}

fn optional_quad(field: &Field<'_>) -> Result<Option<Ipv4Addr>, NicError> {
    field.optional()?.map(|text| quad(field, text)).transpose()
}

fn name_server(dns: &Field<'_>, index: usize, value: &Value<'_>) -> Result<Ipv4Addr, NicError> {
    let item = dns.item(index, *value);
    quad(&item, item.required()?)
}

fn quad(field: &Field<'_>, text: &str) -> Result<Ipv4Addr, NicError> {
    parse_dotted_quad(text).map_err(|problem| {
        field.path().error(NicProblem::Address {
            found: Quote::new(text),
            problem,
        })
    })
}
