module fitserve.dev/tools/enclosure

go 1.26.4
