//! Who makes room when there is none.

use std::collections::HashMap;

use super::names::{Name, Owner};

/// Of those who hold something, and how much, all that belong to the heaviest: of the widest nets the one with the most, in
/// it the narrower one with the most, and so on. So a neighbour in the same net is spared as long as somebody in it has
/// more.
pub fn heaviest<'a, T>(holders: impl Iterator<Item = (T, &'a Owner, u64)>) -> Vec<T> {
    let mut left: Vec<_> = holders.collect();
    for steps in 0..DEEPEST {
        let mut sums: HashMap<Option<Name>, u64> = HashMap::new();
        for (_, owner, amount) in &left {
            *sums.entry(owner.nth_widest(steps)).or_default() += amount;
        }
        // All that are left are one's: the usual case, where one makes room itself.
        if sums.len() < 2 {
            continue;
        }
        let Some((most, _)) = sums.into_iter().max_by_key(|(_, sum)| *sum) else {
            break;
        };
        left.retain(|(_, owner, _)| owner.nth_widest(steps) == most);
    }
    left.into_iter().map(|(holder, ..)| holder).collect()
}

/// Nets around one address that are counted.
const DEEPEST: usize = 3;

#[cfg(test)]
mod tests {
    use super::super::names::{NameKey, Source};
    use super::*;

    #[test]
    fn a_neighbour_is_spared_as_long_as_somebody_has_more() {
        let key = NameKey::random();
        let owner = |text: &str| key.owner(Source::Address(text.parse().unwrap()));
        let most = |amounts: &[(&'static str, u64)]| {
            let owners: Vec<_> = amounts
                .iter()
                .map(|(text, amount)| (*text, owner(text), *amount))
                .collect();
            heaviest(owners.iter().map(|(text, owner, amount)| (*text, owner, *amount)))
        };
        assert_eq!(most(&[]), Vec::<&str>::new());
        assert_eq!(
            most(&[("192.0.2.1", 3), ("198.51.100.1", 3), ("198.51.100.2", 1)]),
            ["198.51.100.1"]
        );
        assert_eq!(
            most(&[("192.0.2.1", 5), ("198.51.100.1", 2), ("198.51.100.2", 2)]),
            ["192.0.2.1"]
        );
        let six = [
            ("2001:db8:1:1::1", 2),
            ("2001:db8:1:1::2", 2),
            ("2001:db8:1:ff01::1", 3),
            ("2001:db8:2::1", 6),
        ];
        assert_eq!(most(&six), ["2001:db8:1:1::1", "2001:db8:1:1::2"]);
    }
}
