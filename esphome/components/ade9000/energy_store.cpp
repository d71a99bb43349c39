#include "energy_store.h"

#include "esphome/core/helpers.h"
#include "esphome/core/log.h"

#include <algorithm>

namespace esphome::ade9000 {

static const char *const TAG = "ade9000.energy";

/// What is stored by another set of counters has other keys, as their number is part of them.
void EnergyStore::restore(const char *meter, Energies &energies) {
  const uint32_t key = fnv1_hash("ade9000_energies") ^ fnv1_hash(meter) ^ Energies::COUNTER_COUNT;
  // On an ESP8266 in the memory of its clock, which outlives a reset and knows no wear.
  for (size_t part = 0; part < PARTS; part++)
    this->preferences_[part] = global_preferences->make_preference<Record>(key + part, false);
  Energies::Stored stored{};
  if (!this->load_(stored))
    return;
  energies.restore(stored);
  ESP_LOGI(TAG, "%s: counting on from before the restart", meter);
  this->write_({}, false);
}

void EnergyStore::save(Energies &energies) { this->write_(energies.stored(), true); }

bool EnergyStore::load_(Energies::Stored &stored) {
  for (size_t part = 0; part < PARTS; part++) {
    Record record{};
    if (!this->preferences_[part].load(&record) || record.is_valid == 0)
      return false;
    const size_t first = part * PART;
    std::copy_n(record.counters.begin(), std::min(PART, stored.size() - first), stored.begin() + first);
  }
  return true;
}

void EnergyStore::write_(const Energies::Stored &stored, bool is_valid) {
  bool is_written = true;
  for (size_t part = 0; part < PARTS; part++) {
    Record record{.is_valid = is_valid ? 1U : 0U, .counters = {}};
    const size_t first = part * PART;
    std::copy_n(stored.begin() + first, std::min(PART, stored.size() - first), record.counters.begin());
    is_written = this->preferences_[part].save(&record) && is_written;
  }
  if (!global_preferences->sync() || !is_written)
    ESP_LOGE(TAG, "The counters of energy could not be stored; they begin anew after a restart");
}

}  // namespace esphome::ade9000
