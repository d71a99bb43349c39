#include "register_file.h"

namespace esphome::ade9000_sim {

namespace {

struct ResetValue {
  uint16_t address;
  uint32_t value;
};

constexpr ResetValue RESET_VALUES[] = {
    {address::OILVL, 0x00FFFFFF},      {address::USER_PERIOD, 0x00500000}, {address::VLEVEL, 0x00045D45},
    {address::DIPA, 0x007FFFFF},       {address::DIPA + 1, 0x007FFFFF},    {address::DIPA + 2, 0x007FFFFF},
    {address::SWELL_LVL, 0x00FFFFFF},  {address::ACT_NL_LVL, 0xFFFF},      {address::ACT_NL_LVL + 1, 0xFFFF},
    {address::APERIOD, 0x00A00000},    {address::APERIOD + 1, 0x00A00000}, {address::APERIOD + 2, 0x00A00000},
    {address::COM_PERIOD, 0x00A00000}, {address::ACT_NL_LVL + 2, 0xFFFF},  {address::ADC_REDIRECT, 0x001FFFFF},
    {address::PART_ID, 0x00100000},    {address::TEMP_TRIM, 0x29404E20},  // 330 °C and 0.305 °C per code
    {address::DIP_CYC, 0xFFFF},        {address::SWELL_CYC, 0xFFFF},       {address::CONFIG3, 0xF000},
    {address::ZXTOUT, 0xFFFF},         {address::ZXTHRSH, 0x0009},         {address::ZX_LP_SEL, 0x001E},
    {address::SEQ_CYC, 0x00FF},        {address::CONFIG5, 0x0063},         {address::CONFIG2, 0x0C00},
    {address::PWR_TIME, 0x00FF},       {address::EGY_TIME, 0x00FF},        {address::VERSION, 0x00FE},
};

}  // namespace

void RegisterFile::reset() {
  this->words_.fill(0);
  for (const ResetValue &reset : RESET_VALUES)
    this->words_[reset.address] = reset.value;
}

void RegisterFile::set(uint16_t address, uint32_t value) {
  if (address < SIZE)
    this->words_[address] = is_16_bit(address) ? value & 0xFFFFU : value;
}

}  // namespace esphome::ade9000_sim
