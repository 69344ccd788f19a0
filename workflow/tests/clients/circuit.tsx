circuit.add(
  <board width="100mm" height="60mm" routingDisabled>
    <resistor name="R1" resistance="10k" footprint="0402" pcbX={-40} />
    <capacitor name="C1" capacitance="100nF" footprint="0603" pcbX={-30} />
    <inductor name="L1" inductance="10uH" footprint="1210" pcbX={-20} />
    <crystal name="X1" frequency="16MHz" loadCapacitance="20pF" footprint="hc49" pcbX={-5} />
    <led name="D1" color="red" footprint="0603" pcbX={10} />
    <transistor name="Q1" type="npn" footprint="sot23" pcbX={20} />
    <mosfet name="M1" channelType="n" mosfetMode="enhancement" footprint="sot23" pcbX={30} />
    <diode name="D2" footprint="sod123" pcbX={40} />
    <pinheader name="J1" pinCount={4} gender="male" footprint="pinrow4_p2.54mm" pcbY={15} />
    <connector name="J2" standard="jst_ph" pinCount={4} footprint="pinrow4_p2mm" pcbY={-20} />
    <connector name="J3" standard="usb_c" footprint="pinrow16" pcbX={25} pcbY={-20} />
    <fuse name="F1" currentRating="1A" footprint="1206" pcbX={-30} pcbY={-20} />
    <chip name="U1" footprint="soic8" pcbX={30} pcbY={15} />
  </board>,
)
