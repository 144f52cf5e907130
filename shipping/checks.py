"""What must be true of shipping at every commit."""

from core.verify import invariant

invariant(
    "shipping.waves_end_when_empty",
    "a wave is under way as long as an order waits in it, and no longer",
    """
    SELECT w.id AS wave, w.number, w.state, count(o.id) AS waiting
    FROM shipping_wave w
    LEFT JOIN shipping_waveorder o ON o.wave_id = w.id AND o.packed_at IS NULL AND o.left_at IS NULL
    GROUP BY w.id HAVING (w.state IN ('open', 'picking', 'packing')) <> (count(o.id) > 0)
    """,
)
invariant(
    "shipping.packed_orders_have_parcels",
    "what is packed in a wave was shipped from a packing table",
    """
    SELECT o.id AS wave_order, o.order_id
    FROM shipping_waveorder o
    WHERE o.packed_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM shipping_packing p WHERE p.order_id = o.order_id AND p.state = 'packed')
    """,
)
invariant(
    "shipping.scans_equal_parcels",
    "the pieces scanned for a parcel are the pieces in it, line by line (of a bundle its components)",
    """
    WITH scanned AS (
        SELECT p.shipment_id, c.line_id, count(*) AS pieces
        FROM shipping_packing p
        JOIN shipping_packingcheck c ON c.packing_id = p.id
         AND c.outcome IN ('right', 'complete') AND c.line_id IS NOT NULL
        WHERE p.state = 'packed' GROUP BY 1, 2
    ), sent AS (
        SELECT s.shipment_id, s.line_id, s.quantity * (
                   SELECT sum(r.per_unit) FROM orders_allocation a
                   JOIN inventory_reservation r ON r.id = a.reservation_id
                   JOIN inventory_stockitem i ON i.id = r.stock_item_id
                   WHERE a.line_id = s.line_id AND i.warehouse_id = p.warehouse_id AND r.shipped > 0) AS pieces
        FROM shipping_packing p JOIN orders_shipmentline s ON s.shipment_id = p.shipment_id
        WHERE p.state = 'packed'
    )
    SELECT coalesce(a.shipment_id, b.shipment_id) AS shipment, coalesce(a.line_id, b.line_id) AS line,
           a.pieces AS scanned, b.pieces AS sent
    FROM scanned a FULL JOIN sent b ON b.shipment_id = a.shipment_id AND b.line_id = a.line_id
    WHERE a.pieces IS DISTINCT FROM b.pieces
    """,
)
invariant(
    "shipping.wave_numbers_below_sequence",
    "no wave carries a number that is still to be drawn",
    """
    SELECT w.id AS wave, w.number FROM shipping_wave w
    JOIN core_sequence s ON s.name = 'shipping.wave'
    WHERE w.number ~ '^W-[0-9]+$' AND substr(w.number, 3)::bigint >= s.next_value
    """,
)
invariant(
    "shipping.open_slips_are_of_counting_files",
    "an open slip stands in a file that was not withdrawn, of an order that was not called off",
    """
    SELECT s.id AS slip, s.order_id, f.number AS file
    FROM shipping_carrierslip s
    JOIN shipping_carrierfile f ON f.id = s.file_id
    WHERE s.closed_at IS NULL AND f.withdrawn_at IS NOT NULL
    """,
)
invariant(
    "shipping.files_equal_slips",
    "a carrier file has as many rows as slips",
    """
    SELECT f.id AS file, f.number, f.row_count, count(s.id) AS slips
    FROM shipping_carrierfile f LEFT JOIN shipping_carrierslip s ON s.file_id = f.id
    GROUP BY f.id HAVING f.row_count <> count(s.id)
    """,
)
invariant(
    "shipping.notices_of_own_channel",
    "a notice is for the channel that its order was sold on, and says the parcel’s number once it is sent",
    """
    SELECT n.id AS notice, s.number AS shipment
    FROM shipping_channelnotice n
    JOIN orders_shipment s ON s.id = n.shipment_id
    JOIN orders_order o ON o.id = s.order_id
    WHERE n.sales_channel_id <> o.sales_channel_id
       OR (n.state IN ('sent', 'accepted') AND n.told_number <> s.tracking_number)
    """,
)
invariant(
    "shipping.scans_after_shipping",
    "a delivered parcel’s scans that say so agree with the parcel",
    """
    SELECT c.id AS scan, s.number AS shipment
    FROM shipping_deliveryscan c JOIN orders_shipment s ON s.id = c.shipment_id
    WHERE c.kind = 'delivered' AND s.delivered_at IS NULL AND c.at >= s.shipped_at AND c.at <= now()
    """,
)
invariant(
    "shipping.file_numbers_below_sequence",
    "the next number of a file was never used",
    """
    SELECT s.name AS series, s.next_value, d.highest
    FROM core_sequence s
    JOIN (SELECT 'shipping.carrier_file' AS name, max(substr(number, 4)::bigint) AS highest
          FROM shipping_carrierfile WHERE number ~ '^CF-[0-9]+$'
          UNION ALL
          SELECT 'shipping.notice_file', max(substr(number, 4)::bigint)
          FROM shipping_noticefile WHERE number ~ '^NF-[0-9]+$') d ON d.name = s.name
    WHERE d.highest >= s.next_value
    """,
)
