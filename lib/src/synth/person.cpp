#include "synth/person.h"

#include <array>
#include <cmath>

#include "synth/random_float.h"

namespace mobireg {
namespace {

constexpr float kHairContrast = 0.2F;

/// A point of a palette's line from one end to the other, a little brighter or darker.
Colour random_between(Random& random, const Colour& from, const Colour& to) {
  const float share = uniform(random, 0, 1);
  return mix(from, to, share) * uniform(random, 0.9F, 1.1F);
}

Colour random_skin(Random& random) {
  return random_between(random, rgb(0.58F, 0.40F, 0.31F), rgb(0.96F, 0.79F, 0.69F));
}

float brightness(const Colour& colour) { return (colour[0] + colour[1] + colour[2]) / 3; }

/// Hair that stands out from the skin: where it ends tells much about where the head looks.
Colour random_hair_colour(Random& random, const Colour& skin) {
  static const std::array<Colour, 6> kPalette = {
      rgb(0.07F, 0.06F, 0.06F), rgb(0.22F, 0.14F, 0.09F), rgb(0.42F, 0.27F, 0.15F),
      rgb(0.75F, 0.58F, 0.32F), rgb(0.52F, 0.22F, 0.10F), rgb(0.68F, 0.67F, 0.66F)};
  const float share = uniform(random, 0.85F, 1.15F);
  const std::uint64_t first = random.below(kPalette.size());
  for (std::size_t i = 0; i < kPalette.size(); ++i) {
    const Colour colour = kPalette[(first + i) % kPalette.size()] * share;
    if (std::abs(brightness(colour) - brightness(skin)) > kHairContrast) return colour;
  }
  return kPalette.front();
}

Colour random_clothes(Random& random) {
  const float bright = uniform(random, 0.1F, 0.95F);
  return Colour{uniform(random, 0.3F, 1), uniform(random, 0.3F, 1), uniform(random, 0.3F, 1)} *
         bright;
}

void draw_proportions(Random& random, Person& person) {
  person.skull_width = uniform(random, 0.71F, 0.76F);
  person.jaw_width = person.skull_width * uniform(random, 0.80F, 0.86F);
  person.chin = uniform(random, 0.9F, 1.15F);
  person.cheeks = uniform(random, 0.9F, 1.08F);
  person.nose_length = uniform(random, 0.95F, 1.15F);
  person.nose_width = uniform(random, 0.95F, 1.25F);
  person.eye_distance = uniform(random, 0.28F, 0.30F);
  person.eye_size = uniform(random, 1.0F, 1.15F);
  person.lid = uniform(random, 0.3F, 0.65F);
  person.brow_height = uniform(random, 0.95F, 1.1F);
  person.brow_thickness = uniform(random, 0.9F, 1.4F);
  person.brow_slant = uniform(random, -0.1F, 0.2F);
  person.mouth_width = uniform(random, 0.9F, 1.25F);
  person.mouth_open = happens(random, 0.25) ? uniform(random, 0.02F, 0.06F) : 0;
  person.ear_size = uniform(random, 0.9F, 1.2F);
  person.gaze = {uniform(random, -0.1F, 0.1F), uniform(random, -0.08F, 0.08F)};
}

void draw_style(Random& random, Person& person) {
  // Short hair is the most common.
  static const std::array<Hair, 16> kHair = {
      Hair::kBald,    Hair::kLong,    Hair::kLong,    Hair::kCurly,
      Hair::kBun,     Hair::kCropped, Hair::kCropped, Hair::kCropped,
      Hair::kCropped, Hair::kCropped, Hair::kCropped, Hair::kParted,
      Hair::kParted,  Hair::kParted,  Hair::kParted,  Hair::kParted};
  person.hair = kHair[random.below(kHair.size())];
  person.hairline = uniform(random, -0.03F, 0.04F);
  person.parting = person.hair == Hair::kParted ? uniform(random, -0.15F, 0.15F) : 0;
  if (happens(random, 0.1)) {
    person.beard = happens(random, 0.4) ? Beard::kMoustache : Beard::kFull;
  }
  if (happens(random, 0.08)) {
    person.glasses = happens(random, 0.25) ? Glasses::kDark : Glasses::kClear;
  }
}

void draw_colours(Random& random, Person& person) {
  person.skin = random_skin(random);
  person.nose = mix(person.skin, rgb(0.80F, 0.35F, 0.30F), uniform(random, 0.35F, 0.5F));
  person.lips = mix(person.skin * 0.8F, rgb(0.72F, 0.22F, 0.25F), uniform(random, 0.75F, 0.95F));
  person.iris = random_between(random, rgb(0.20F, 0.12F, 0.07F), rgb(0.22F, 0.36F, 0.50F));
  person.hair_colour = random_hair_colour(random, person.skin);
  person.frames = happens(random, 0.7) ? rgb(0.08F, 0.08F, 0.10F) : random_clothes(random);
  person.clothes = random_clothes(random);
}

}  // namespace

Person random_person(Random& random) {
  Person person;
  draw_proportions(random, person);
  draw_style(random, person);
  draw_colours(random, person);
  return person;
}

}  // namespace mobireg
