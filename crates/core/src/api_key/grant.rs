//! What the holder of one key may hand on to another: no scope that it lacks, and no wider limits
//! than it is under itself. Else a key that ends in an hour makes a twin that never does.

use ipnet::IpNet;

use crate::fault::{Fault, FaultCode};
use crate::tenant::{Scope, Scopes};
use crate::time::Timestamp;

/// When and from where a key works, whoever holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyLimits {
    /// When it stops working; `None`: never.
    pub expires_at: Option<Timestamp>,
    /// Networks it may be used from; `None`: all.
    pub allowed_ips: Option<Vec<IpNet>>,
}

impl KeyLimits {
    /// From the stored columns. A list of networks that can't be read allows nothing: a fault must
    /// not open a door.
    pub fn from_stored(expires_at: Option<Timestamp>, allowed_ips: Option<&str>) -> Self {
        Self {
            expires_at,
            allowed_ips: allowed_ips.map(|text| serde_json::from_str(text).unwrap_or_default()),
        }
    }

    /// Whether these end no later than `holder`.
    fn end_within(&self, holder: &Self) -> bool {
        match (self.expires_at, holder.expires_at) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(end)) => own <= end,
        }
    }

    /// Whether each network of these lies in those of `holder`, also in several that join.
    fn networks_within(&self, holder: &Self) -> bool {
        let Some(allowed) = &holder.allowed_ips else {
            return true;
        };
        let joined = IpNet::aggregate(allowed);
        self.allowed_ips.as_ref().is_some_and(|own| {
            own.iter()
                .all(|network| joined.iter().any(|wider| wider.contains(network)))
        })
    }

    /// The fields in which these are wider than `holder`, of those that `looked_at` names.
    ///
    /// # Errors
    /// A fault for each, with its field.
    pub fn check_within(
        &self,
        holder: &Self,
        looked_at: impl Fn(&str) -> bool,
    ) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if looked_at("expires_at") && !self.end_within(holder) {
            let message = "The calling key ends earlier, so it can't let a key work until then.";
            faults.push(Fault::new("expires_at", FaultCode::Invalid, message));
        }
        if looked_at("allowed_ips") && !self.networks_within(holder) {
            let message = "The calling key is bound to narrower networks, so it can't allow these.";
            faults.push(Fault::new("allowed_ips", FaultCode::Invalid, message));
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }
}

/// What a caller holds, and so may hand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its scopes.
    pub scopes: Scopes,
    /// Its limits.
    pub limits: KeyLimits,
}

impl Grant {
    /// Everything: what operators hold.
    pub fn everything() -> Self {
        Self {
            scopes: Scopes::all(),
            limits: KeyLimits::default(),
        }
    }

    /// The first of `scopes` that is not held.
    pub fn lacks(&self, scopes: &Scopes) -> Option<Scope> {
        scopes.beyond(&self.scopes).first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(end: Option<i64>, networks: Option<&[&str]>) -> KeyLimits {
        KeyLimits {
            expires_at: end.map(Timestamp::from_seconds),
            allowed_ips: networks
                .map(|list| list.iter().map(|text| text.parse().unwrap()).collect()),
        }
    }

    fn wider(own: &KeyLimits, holder: &KeyLimits) -> Vec<String> {
        let faults = own.check_within(holder, |_| true).err();
        let names = faults.unwrap_or_default().into_iter();
        names.map(|fault| fault.field).collect()
    }

    #[test]
    fn limits_may_be_handed_on_and_tightened_but_not_widened() {
        let holder = limits(Some(100), Some(&["10.0.0.0/9", "10.128.0.0/9"]));
        let same = limits(Some(100), Some(&["10.0.0.0/8"]));
        let tighter = limits(Some(99), Some(&["10.7.0.0/16", "10.200.0.1/32"]));
        for within in [&holder, &same, &tighter] {
            assert!(wider(within, &holder).is_empty(), "{within:?}");
        }
        assert_eq!(
            wider(&limits(None, None), &holder),
            ["expires_at", "allowed_ips"]
        );
        let outside = limits(Some(101), Some(&["10.7.0.0/16", "11.0.0.0/32"]));
        assert_eq!(wider(&outside, &holder), ["expires_at", "allowed_ips"]);
        assert!(wider(&outside, &KeyLimits::default()).is_empty());
        let later = outside.check_within(&holder, |field| field == "expires_at");
        assert_eq!(later.unwrap_err().len(), 1);
    }

    #[test]
    fn a_list_that_cannot_be_read_allows_nothing() {
        let broken = KeyLimits::from_stored(None, Some("10.0.0.0/8"));
        assert_eq!(broken.allowed_ips, Some(Vec::new()));
        let any = limits(None, Some(&["10.0.0.0/8"]));
        assert_eq!(wider(&any, &broken), ["allowed_ips"]);
    }
}
