//! Picks, among all lines of text on a picture, the groups that may be a machine-readable zone: two
//! or three long lines, parallel, of one height and length, one under the other (ICAO 9303-3 §4).

use crate::geometry::{Band, Point};

/// The most bands that are considered, the longest first.
const MOST_BANDS: usize = 160;
/// Length over thickness of a whole line: 30 to 44 characters, each less wide than the line is
/// high after growth. The ICAO sizes give 15 to 26.
const LEAST_ASPECT: f32 = 7.0;
/// Cosine of the largest angle between lines of one zone, six degrees.
const PARALLEL: f32 = 0.9945;

/// Lines that may be a zone, in order along [`Band::across`] of the first.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) lines: Vec<Band>,
}

impl Group {
    /// The group as seen with the picture turned by half: order and axes are reversed.
    pub(super) fn reversed(&self) -> Self {
        Self {
            lines: self
                .lines
                .iter()
                .rev()
                .map(|line| line.reversed())
                .collect(),
        }
    }

    fn weight(&self) -> f32 {
        self.lines
            .iter()
            .map(|line| line.length)
            .fold(0.0, f32::max)
    }
}

/// The groups, the likeliest first: those with the longest lines.
pub(super) fn groups(bands: &[Band]) -> Vec<Group> {
    let mut bands: Vec<Band> = bands.to_vec();
    bands.sort_by(|a, b| b.length.total_cmp(&a.length));
    bands.truncate(MOST_BANDS);
    let mut lines = join_pieces(bands);
    lines.retain(|line| line.aspect() >= LEAST_ASPECT);
    let mut groups = stack(lines);
    groups.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
    groups
}

/// Joins the pieces into which detection breaks a line at long runs of fillers.
fn join_pieces(mut bands: Vec<Band>) -> Vec<Band> {
    let mut index = 0;
    while index < bands.len() {
        let Some(band) = bands.get(index).copied() else {
            break;
        };
        let partner = (index + 1..bands.len()).find(|other| {
            bands
                .get(*other)
                .is_some_and(|other| continues(&band, other))
        });
        match partner {
            Some(other) => {
                let other = bands.swap_remove(other);
                if let Some(place) = bands.get_mut(index) {
                    *place = joined_line(&band, &other);
                }
            }
            None => index += 1,
        }
    }
    bands
}

/// Short pieces have no reliable angle, so the longer one's axis is kept.
fn joined_line(band: &Band, other: &Band) -> Band {
    let joined = band.joined(other);
    // A slight tilt of the piece must not thicken the line.
    Band {
        thickness: joined
            .thickness
            .min(band.thickness.max(other.thickness) * 1.2),
        ..joined
    }
}

/// Whether the second band lies in the prolongation of the first.
fn continues(band: &Band, other: &Band) -> bool {
    let similar = ratio(band.thickness, other.thickness) > 0.55;
    let parallel = other.aspect() < 3.0 || band.axis.dot(other.axis).abs() > PARALLEL;
    let offset = offset(band, other);
    let level = offset.across.abs() < 0.45 * band.thickness.min(other.thickness);
    let gap = offset.along.abs() - (band.length + other.length) / 2.0;
    similar && parallel && level && gap < 2.5 * band.thickness
}

/// The way from one centre to another, in the first band's axes.
fn offset(band: &Band, other: &Band) -> Offset {
    let way = Point::new(
        other.center.x - band.center.x,
        other.center.y - band.center.y,
    );
    Offset {
        along: way.dot(band.axis),
        across: way.dot(band.across()),
    }
}

struct Offset {
    along: f32,
    across: f32,
}

fn ratio(a: f32, b: f32) -> f32 {
    a.min(b) / a.max(b).max(1e-3)
}

/// Collects lines that lie one under the other.
fn stack(mut lines: Vec<Band>) -> Vec<Group> {
    let mut groups = Vec::new();
    while let Some(first) = lines.first().copied() {
        let mut members = vec![first];
        lines.remove(0);
        // Each line found may have the next one beside it.
        let mut at = 0;
        while let Some(member) = members.get(at).copied() {
            lines.retain(|line| {
                let next = beside(&member, line);
                if next {
                    members.push(*line);
                }
                !next
            });
            at += 1;
        }
        let across = first.across();
        members.sort_by(|a, b| a.center.dot(across).total_cmp(&b.center.dot(across)));
        groups.push(Group { lines: members });
    }
    groups
}

/// Whether two lines can be neighbours in a zone. Line spacing is about 1.4 of a grown line's
/// thickness; print on a card may add half as much again.
fn beside(line: &Band, other: &Band) -> bool {
    let offset = offset(line, other);
    let thickness = f32::midpoint(line.thickness, other.thickness);
    let spacing = offset.across.abs() / thickness.max(1e-3);
    line.axis.dot(other.axis).abs() > PARALLEL
        && ratio(line.length, other.length) > 0.6
        && ratio(line.thickness, other.thickness) > 0.5
        && (0.5..3.2).contains(&spacing)
        && offset.along.abs() < 0.25 * line.length.max(other.length)
}
