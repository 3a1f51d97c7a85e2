//! Time zones, always from the bundled database: the machine's may be older, newer or not there, and the same
//! portfolio must mean the same instants everywhere.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

static BUNDLED: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone of an IANA name in its canonical spelling; `None` if there is none of that name.
pub fn zone(name: &str) -> Option<TimeZone> {
    names()
        .any(|known| known == name)
        .then(|| BUNDLED.get(name).ok())
        .flatten()
}

/// All names, for suggestions.
pub(super) fn names() -> impl Iterator<Item = String> {
    BUNDLED.available().map(|name| name.as_str().to_owned())
}
