# Reading: long lists, pictures that are looked at, threads, profiles.

picture-open-of = عرض الصورة: { $alt }
viewer-count = { $at } من { $count }
viewer-in = تقريب
viewer-out = إبعاد
viewer-next = الصورة التالية
viewer-previous = الصورة السابقة

thread-new = { $count ->
    [zero] لا جديد
    [one] واحد جديد
    [two] اثنان جديدان
    [few] { $count } جديدة
    [many] { $count } جديدًا
   *[other] { $count } جديد
}
thread-whole = عرض النقاش كله
thread-on = { $count ->
    [zero] متابعة هذا النقاش
    [one] متابعة هذا النقاش: رد واحد آخر
    [two] متابعة هذا النقاش: ردّان آخران
    [few] متابعة هذا النقاش: { $count } ردود أخرى
    [many] متابعة هذا النقاش: { $count } ردًا آخر
   *[other] متابعة هذا النقاش: { $count } رد آخر
}
comment-new = جديد
