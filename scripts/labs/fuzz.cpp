/// The driver on a disturbed bus with a changing load.
///
///     fuzz KIND TRANSACTIONS FIRST LAST   one run for each seed from FIRST to LAST − 1
///
/// writes a line for each run: seed, transactions, disturbed ones, readings, values, estimated readings, false ones,
/// restarts; then a line `! SEED WHAT` for each of the first false ones.

#include "fuzz.h"

#include <cstdio>
#include <cstdlib>

int main(int, char **arguments) {
  const auto number = [&](int index) { return std::strtoul(arguments[index], nullptr, 10); };
  const auto kind = static_cast<fuzz::Disturbance>(number(1));
  for (auto seed = number(3); seed < number(4); seed++) {
    fuzz::Run run(static_cast<uint32_t>(seed), {kind});
    run.run(number(2));
    std::printf("%lu %zu %zu %zu %zu %zu %zu %u\n", seed, run.wires().transactions, run.wires().disturbed,
                run.judge().readings, run.judge().values, run.judge().estimated, run.judge().complaints.size(),
                static_cast<unsigned>(run.counters().restarts));
    for (size_t index = 0; index < run.judge().complaints.size() && index < 3; index++)
      std::printf("! %lu %s\n", seed, run.judge().complaints[index].c_str());
  }
}
