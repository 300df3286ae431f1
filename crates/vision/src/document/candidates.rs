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
/// Distance of neighbouring lines in units of their thickness. ICAO's spacing comes to about 1.4
/// of a grown line.
const SPACING: std::ops::Range<f32> = 0.5..3.2;
/// Pieces of a line with less between them, in units of thickness, are joined.
const WORD_GAP: f32 = 1.2;
/// A line that was seen over this share of the anchor's length was seen in full.
const FULL: f32 = 0.85;
/// A group of more full lines than this is a paragraph rather than a zone.
const MOST_FULL_LINES: usize = 4;

/// Lines that may be a zone, in order along [`Band::across`] of the first, all of one length.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) lines: Vec<Line>,
}

/// One line of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) band: Band,
    /// Whether it was seen in its whole length, rather than extended to that of the others.
    full: bool,
}

impl Group {
    /// The group as seen with the picture turned by half: order and axes are reversed.
    pub(super) fn reversed(&self) -> Self {
        let turned = |line: &Line| Line {
            band: line.band.reversed(),
            ..*line
        };
        Self {
            lines: self.lines.iter().rev().map(turned).collect(),
        }
    }

    /// The indices of the lines in the order in which they are worth reading: full lines from the
    /// last up, since a zone ends its document, then what is next to them.
    pub(super) fn reading_order(&self) -> Vec<usize> {
        let is_full = |index: &usize| self.lines.get(*index).is_some_and(|line| line.full);
        let (mut order, mut rest): (Vec<usize>, Vec<usize>) =
            (0..self.lines.len()).rev().partition(is_full);
        while let Some(next) = rest
            .iter()
            .position(|index| order.iter().any(|read| read.abs_diff(*index) == 1))
        {
            order.push(rest.remove(next));
        }
        order
    }

    fn full_lines(&self) -> usize {
        self.lines.iter().filter(|line| line.full).count()
    }

    /// The likelier a group is a zone, the greater.
    fn rank(&self) -> (bool, bool, f32) {
        let full = self.full_lines();
        let length = self.lines.first().map_or(0.0, |line| line.band.length);
        (full <= MOST_FULL_LINES, full >= 2, length)
    }
}

/// The groups of at least two lines, the likeliest first.
pub(super) fn groups(bands: &[Band]) -> Vec<Group> {
    let mut bands: Vec<Band> = bands.to_vec();
    bands.sort_by(|a, b| b.length.total_cmp(&a.length));
    bands.truncate(MOST_BANDS);
    let mut lines = join_pieces(bands);
    lines.sort_by(|a, b| b.length.total_cmp(&a.length));
    let mut groups = Vec::new();
    while let Some(anchor) = lines
        .first()
        .copied()
        .filter(|line| line.aspect() >= LEAST_ASPECT)
    {
        lines.remove(0);
        groups.extend(stack(anchor, &mut lines));
    }
    groups.sort_by(|a, b| {
        b.rank()
            .partial_cmp(&a.rank())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    groups
}

/// Joins the pieces into which detection breaks a line at long runs of fillers.
fn join_pieces(mut bands: Vec<Band>) -> Vec<Band> {
    let mut index = 0;
    while let Some(band) = bands.get(index).copied() {
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
    let thickest = band.thickness.max(other.thickness) * 1.2;
    Band {
        thickness: joined.thickness.min(thickest),
        ..joined
    }
}

/// Whether the second band lies in the prolongation of the first.
fn continues(band: &Band, other: &Band) -> bool {
    let similar = ratio(band.thickness, other.thickness) > 0.55;
    let parallel = other.aspect() < 3.0 || band.axis.dot(other.axis).abs() > PARALLEL;
    let offset = offset(band, other);
    let level = offset.across.abs() < 0.45 * band.thickness.min(other.thickness);
    let gap = offset.along.abs() - f32::midpoint(band.length, other.length);
    similar && parallel && level && gap < WORD_GAP * band.thickness
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

/// Collects the lines above and below an anchor, each beside the one before, and takes them out of
/// `lines`. `None` when the anchor stands alone.
fn stack(anchor: Band, lines: &mut Vec<Band>) -> Option<Group> {
    let mut members = vec![anchor];
    let mut at = 0;
    while let Some(member) = members.get(at).copied() {
        lines.retain(|line| {
            let next = beside(&anchor, &member, line);
            if next {
                members.push(*line);
            }
            !next
        });
        at += 1;
    }
    let across = anchor.across();
    members.sort_by(|a, b| a.center.dot(across).total_cmp(&b.center.dot(across)));
    let mut levels: Vec<Band> = Vec::new();
    for member in members {
        match levels.last_mut() {
            Some(last)
                if offset(&anchor, &member).across - offset(&anchor, last).across
                    < 0.5 * anchor.thickness =>
            {
                // Two pieces of one line, too far apart to have been joined.
                *last = joined_line(last, &member);
            }
            _ => levels.push(member),
        }
    }
    let line = |line: &Band| Line {
        band: extended(&anchor, line),
        full: line.length > FULL * anchor.length,
    };
    let lines: Vec<Line> = levels.iter().map(line).collect();
    (lines.len() >= 2).then_some(Group { lines })
}

/// A line as long as the anchor: detection often stops where the fillers begin.
fn extended(anchor: &Band, line: &Band) -> Band {
    let axis = if line.aspect() >= LEAST_ASPECT {
        line.axis
    } else {
        anchor.axis
    };
    let along = -offset(anchor, line).along;
    Band {
        center: line.center.moved(axis, along),
        axis,
        length: anchor.length,
        thickness: line
            .thickness
            .clamp(0.75 * anchor.thickness, 1.25 * anchor.thickness),
    }
}

/// Whether a line can be the neighbour of a member of the anchor's zone: parallel, about as high,
/// within the anchor's ends.
fn beside(anchor: &Band, member: &Band, line: &Band) -> bool {
    let spacing = offset(member, line).across.abs()
        / f32::midpoint(member.thickness, line.thickness).max(1e-3);
    let overhang = offset(anchor, line).along.abs() + line.length / 2.0 - anchor.length / 2.0;
    line.aspect() >= 1.5
        && line.axis.dot(anchor.axis).abs() > PARALLEL
        && ratio(line.thickness, anchor.thickness) > 0.55
        && SPACING.contains(&spacing)
        && overhang < 0.06 * anchor.length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(x: f32, y: f32, length: f32) -> Band {
        Band {
            center: Point::new(x + length / 2.0, y),
            axis: Point::new(1.0, 0.0),
            length,
            thickness: 20.0,
        }
    }

    #[test]
    fn a_zone_among_print() {
        let page = [
            line(0.0, 10.0, 480.0),
            line(200.0, 100.0, 90.0),
            line(0.0, 340.0, 520.0),
            line(0.0, 370.0, 520.0),
        ];
        let groups = groups(&page);
        assert_eq!(groups.len(), 1);
        let tops: Vec<f32> = groups[0]
            .lines
            .iter()
            .map(|line| line.band.center.y)
            .collect();
        assert_eq!(tops, [340.0, 370.0]);
        let turned = groups[0].reversed();
        assert!(turned.lines[0].band.center.y > 360.0 && turned.lines[0].band.axis.x < 0.0);
    }

    #[test]
    fn a_line_that_ends_with_its_name_is_extended() {
        let page = [line(0.0, 370.0, 520.0), line(0.0, 340.0, 210.0)];
        let groups = groups(&page);
        assert_eq!(groups.len(), 1);
        assert!(
            groups[0]
                .lines
                .iter()
                .all(|line| (line.band.length - 520.0).abs() < 1.0)
        );
        assert!((groups[0].lines[0].band.center.x - 260.0).abs() < 1.0);
    }

    #[test]
    fn pieces_of_one_line_are_joined() {
        let page = [
            line(0.0, 340.0, 300.0),
            line(330.0, 341.0, 190.0),
            line(0.0, 370.0, 520.0),
        ];
        let groups = groups(&page);
        assert_eq!(
            (groups.len(), groups[0].lines.len(), groups[0].full_lines()),
            (1, 2, 2)
        );
    }

    #[test]
    fn full_lines_are_read_first() {
        let page = [
            line(0.0, 312.0, 90.0),
            line(0.0, 340.0, 520.0),
            line(0.0, 370.0, 520.0),
            line(200.0, 400.0, 100.0),
        ];
        let groups = groups(&page);
        assert_eq!(groups[0].reading_order(), [2, 1, 3, 0]);
        assert_eq!(groups[0].reversed().reading_order(), [2, 1, 3, 0]);
    }

    #[test]
    fn a_zone_comes_before_a_paragraph() {
        let mut page: Vec<Band> = (0..9_u8)
            .map(|row| line(0.0, 10.0 + 28.0 * f32::from(row), 600.0))
            .collect();
        page.extend([line(0.0, 440.0, 520.0), line(0.0, 470.0, 520.0)]);
        let groups = groups(&page);
        assert_eq!(groups[0].lines.len(), 2);
        assert_eq!(groups[1].lines.len(), 9);
    }
}
