"""What a meter measures and what a reading is: free of Home Assistant, of NGSI and of storage."""
